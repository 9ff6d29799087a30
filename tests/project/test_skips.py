"""A skip that is not listed fails a run that names the list; a listed one does not."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyfile(
        test_some="""
        import pytest

        def test_runs():
            pass

        def test_skips():
            pytest.skip("no server here")
        """
    )
    return pytester


@pytest.mark.parametrize("jobs", [[], ["-n", "1"]], ids=["one process", "xdist"])
def test_an_unlisted_skip_fails_the_run_and_is_named(project, jobs):
    project.maketxtfile(skips="# nothing listed\n")
    result = project.runpytest_subprocess("--expected-skips=skips.txt", *jobs)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*does not list*", "test_some.py::test_skips"])


def test_a_listed_skip_passes(project):
    project.maketxtfile(skips="test_some.py::test_skips  # needs a server\n")
    assert project.runpytest_subprocess("--expected-skips=skips.txt").ret == 0


def test_without_a_list_skips_are_free(project):
    assert project.runpytest_subprocess().ret == 0


def test_a_listed_skip_needs_a_reason(project):
    project.maketxtfile(skips="test_some.py::test_skips\n")
    result = project.runpytest_subprocess("--expected-skips=skips.txt")
    assert result.ret != 0
