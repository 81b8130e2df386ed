"""Answers to calls, kept once under the key of each caller."""

from dataclasses import replace
from datetime import timedelta

from engine.core.answered import Answered
from engine.ports import Store
from tests.stores.kit import NOW, writing

ANSWER = Answered("p1", "k1", "0" * 64, 201, '{"ETag":"\\"0\\""}', '{"id":"ü"}', False, NOW)


def test_an_answer_comes_back_whole_to_its_caller_alone(store: Store) -> None:
    secret = replace(ANSWER, caller="p2", body=None, secret=True)
    with writing(store) as uow:
        assert uow.answers.keep(ANSWER)
        assert uow.answers.keep(secret)

    with store.reading() as uow:
        assert uow.answers.find("p1", "k1") == ANSWER
        assert uow.answers.find("p2", "k1") == secret
        assert uow.answers.find("p1", "k2") is None


def test_the_first_answer_under_a_key_stays(store: Store) -> None:
    with writing(store) as uow:
        assert uow.answers.keep(ANSWER)
        assert not uow.answers.keep(replace(ANSWER, status=200))

    with store.reading() as uow:
        assert uow.answers.find("p1", "k1") == ANSWER


def test_answers_up_to_an_instant_are_forgotten(store: Store) -> None:
    later = replace(ANSWER, key="k2", created=NOW + timedelta(microseconds=1))
    with writing(store) as uow:
        uow.answers.keep(ANSWER)
        uow.answers.keep(later)
        uow.answers.forget(NOW)

    with store.reading() as uow:
        assert uow.answers.find("p1", "k1") is None
        assert uow.answers.find("p1", "k2") == later
