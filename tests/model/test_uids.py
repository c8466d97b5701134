"""Elements keep their draws as long as they keep their keys."""

import numpy as np
import pytest

from tocfin.errors import UsageError
from tocfin.model import uids as module
from tocfin.model.uids import uid, uids


def test_a_key_has_the_same_number_on_every_machine():
    assert uid("job", "J-1001") == 0xD05C8E74E718635D


def test_the_number_depends_on_kind_and_key_alone():
    numbers = uids("job", ["B", "A", "Ä", ""])
    assert numbers.dtype == np.uint64
    assert numbers.tolist() == [uid("job", key) for key in ("B", "A", "Ä", "")]
    assert uid("job", "A") != uid("operation", "A")
    assert len({*numbers.tolist()}) == 4


def test_equal_keys_are_one_element():
    assert uids("factor", ["x", "x"]).tolist() == [uid("factor", "x")] * 2


def test_no_keys_have_no_numbers():
    assert uids("job", []).shape == (0,)


def test_two_keys_with_one_number_are_named(monkeypatch):
    monkeypatch.setattr(module, "uid", lambda kind, key: 7)
    with pytest.raises(UsageError, match="job 'J1' and job 'J2'"):
        uids("job", ["J1", "J2"])
