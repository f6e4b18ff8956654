"""The benchmark's register is a real one: it imports as any bundle does, and every check of the record holds."""

import pytest

from commitments import fixtures, verification
from commitments.models import Commitment, Publication
from tests.bench import register


@pytest.mark.no_cover
@pytest.mark.parametrize("size", [30, pytest.param(200, marks=pytest.mark.prove)])
def test_the_register_of_the_benchmark_is_sound_and_as_large_as_asked(fresh_database, tmp_path, size):
    register.write(tmp_path / "bundle", size)
    fixtures.restore(tmp_path / "bundle")
    assert [str(found) for check in verification.CHECKS.values() for found in check()] == []
    assert Commitment.objects.count() == Publication.objects.of("commitment").count() == size
