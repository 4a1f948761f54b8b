"""Signatures: a table is that of this build where the code that it follows from is the same."""

from warehouse import signatures
from warehouse.headers import sql_files


def test_another_statement_or_other_python_gives_another_digest_and_a_comment_does_not(tmp_path):
    module = tmp_path / "making.py"
    files = sql_files("marks")

    def digest(text, files=files):
        module.write_text(text)
        return signatures.digest(files, module)

    first = digest("SHARE = 1\n")
    assert digest("# Why it is one.\nSHARE  =  1\n") == first
    assert digest("SHARE = 1\n", files[::-1]) == first
    assert digest("SHARE = 2\n") != first
    assert digest("SHARE = 1\n", files[1:]) != first
