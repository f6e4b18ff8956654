"""The benchmark's register is a real one: it imports as any bundle does, and every check of the record holds."""

import pytest

from commitments import fixtures, verification
from commitments.models import Commitment, Publication
from tests.bench import register

pytestmark = pytest.mark.no_cover


@pytest.fixture(scope="module")
def bundle(tmp_path_factory, module_database):
    folder = tmp_path_factory.mktemp("bench") / "bundle"
    register.write(folder, 200)
    fixtures.restore(folder)
    return folder


def test_the_register_of_the_benchmark_is_sound_and_as_large_as_asked(bundle):
    assert [str(found) for check in verification.CHECKS.values() for found in check()] == []
    assert Commitment.objects.count() == Publication.objects.of("commitment").count() == 200
