"""Answers to calls, by the key their caller chose."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select

from engine.core.answered import Answered
from engine.store.mapping import plain_row, plain_value
from engine.store.people_tables import AnswerRow
from engine.store.statements import add_new
from engine.store.tables import table

ANSWER = table(AnswerRow)
BY_KEY = select(ANSWER).where(ANSWER.c.caller == bindparam("by"), ANSWER.c.key == bindparam("named"))


class SqlAnswers:
    """Answers to calls."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def find(self, caller: str, key: str) -> Answered | None:
        row = self.connection.execute(BY_KEY, {"by": caller, "named": key}).one_or_none()
        return None if row is None else plain_value(Answered, row)

    def keep(self, answer: Answered) -> bool:
        return add_new(self.connection, ANSWER, plain_row(answer))

    def forget(self, until: datetime) -> None:
        self.connection.execute(delete(ANSWER).where(ANSWER.c.created <= until))
