"""The actions of the pathway that the demonstration's clinicians accept or decline, by name.

Ids of rules stand here as in any message a client sends; nothing is decided by them, and no other
module of ours may hold one.
"""

STEROID_EFFECTS = "edu.gc"
CONTRACEPTION = "edu.teratogen"
HEPATOLOGY = "ref.hepatology"
BOARD = "ref.mdt"
TUBERCULOSIS = "ref.tb"
HISTORY_CHANGED = "rev.history_changed"
LOW_COUNTS = "rf.cytopenia"
FEVER = "rf.infection"
RAPID_WORSENING = "rf.rp"
REHABILITATION = "sup.rehab"
AZATHIOPRINE = "tx.aza"
CALCINEURIN_INHIBITOR = "tx.cni"
CYCLOPHOSPHAMIDE = "tx.cyc"
IMMUNOGLOBULIN = "tx.ivig"
JANUS_KINASE_INHIBITOR = "tx.jaki"
MYCOPHENOLATE = "tx.mmf"
PULSES = "tx.pulse_mp"
RITUXIMAB = "tx.rtx"
COVID_VACCINE = "vx.covid"
FLU_VACCINE = "vx.flu"
