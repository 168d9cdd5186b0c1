"""A cluster is founded once, with an id as Kafka's are."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordwood.metadata.cluster import CLUSTER_ID_LENGTH, found, new_cluster_id
from cordwood.metadata.image import EMPTY
from cordwood.model.errors import WrongCluster
from tests.metadata.cluster_of import after


@given(st.binary(min_size=16, max_size=16))
def test_ids_are_as_kafkas(token):
    tokens = [token, bytes(16)]
    cluster_id = new_cluster_id(lambda size: tokens.pop(0)[:size])
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{21}", cluster_id)
    assert len(cluster_id) == CLUSTER_ID_LENGTH
    assert base64.urlsafe_b64decode(cluster_id + "==") in (token, bytes(16))


def test_founding():
    result = found(EMPTY, "mine")
    image = after(EMPTY, result)
    assert image.cluster_id == result.reply == "mine"
    assert found(image, "mine").records == ()
    with pytest.raises(WrongCluster, match="belong to cluster mine, the configuration names other"):
        found(image, "other")
