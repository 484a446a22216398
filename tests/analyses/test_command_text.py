"""Commands in one spelling: whatever the options, quotes, wrappers and languages they come in."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prismlib.analyses.command_text import readings
from prismlib.analyses.sdk_text import kebab
from prismlib.analyses.shell_text import CannotSplit, simple_commands, unquoted


@pytest.mark.parametrize(
    ("body", "line"),
    [
        # options before and between the verbs go behind them
        (
            "aws --profile prod s3 --debug rm s3://b --recursive",
            "aws s3 rm s3://b --recursive --profile prod --debug",
        ),
        ("aws --region=r rds stop", "aws rds stop --region r"),
        ("kubectl -n prod delete pvc --all", "kubectl delete pvc --all -n prod"),
        ("kubectl delete ns x --dry-run=server", "kubectl delete ns x --dry-run server"),
        ("terraform -chdir=a/b destroy", "terraform destroy -chdir=a/b"),
        ("redis-cli -h h --tls -p 1 GET k", "redis-cli GET k -h h --tls -p 1"),
        ("redis-cli --cluster create a:1", "redis-cli --cluster create a:1"),
        # spelling
        ("aws  s3 \\\n  rm\ts3://b", "aws s3 rm s3://b"),
        ("/usr/local/bin/aws s3 ls", "aws s3 ls"),
        ("A=1 B='2 3' aws s3 ls", "aws s3 ls"),
        ('rm -Rf "/var/x/"', "rm -f -r /var/x"),
        ("rm --force -r -- /tmp/../data", "rm -f -r /data"),
        ("psql 'a b'", "psql a_b"),
        # what is run by something else
        ("sudo -u root rm -r /d", "rm -r /d"),
        ("ssh -i k h 'cd /d && rm -r d'", "rm -r d"),
        ("kubectl exec p -c c -- redis-cli -a x PING", "redis-cli PING -a x"),
        ("find . -name x -exec rm -r {} +", "rm -r {} +"),
        ("ls | xargs -n 1 rm -r", "rm -r {}"),
        ("if true; then aws s3 ls; fi", "aws s3 ls"),
        ('for x in $(aws s3 ls); do echo "$x"; done', "aws s3 ls"),
        ('echo "`aws s3 ls`"', "aws s3 ls"),
        ("bash -c \"bash -c 'aws s3 ls'\"", "aws s3 ls"),
        ("echo 'aws s3 ls' | bash", "aws s3 ls"),
        ("bash <<'X'\naws s3 ls\nX\n", "aws s3 ls"),
        ("os.system('aws s3 ls')", "aws s3 ls"),
        ("subprocess.run(['aws', 's3', 'ls'])", "aws s3 ls"),
        ("- run: aws s3 ls", "aws s3 ls"),
        ("2. aws s3 ls", "aws s3 ls"),
        # what a server is sent
        ("echo PING | redis-cli -h h", "redis-cli PING"),
        ("valkey-cli <<< 'GET a'", "redis-cli GET a"),
        ("printf 'GET a\\nGET b\\n' | nc h 6379", "redis-cli GET b"),
        ("redis-cli --cluster call h:1 PING", "redis-cli PING"),
        ("r.get('k')", "redis-cli get k"),
        ("redis-cli EVAL \"redis.call('get', 'k')\" 0", "redis-cli get k"),
        ("psql -c 'select 1; DROP  TABLE \"a b\" -- x'", "sql DROP TABLE a_b"),
        ("mysql -e'drop table t'", "sql drop table t"),
        ("psql --command='drop table t'", "sql drop table t"),
        ("cat <<X | psql\ndrop table\n t;\nX", "sql drop table t"),
        ("cur.execute('''drop table t''')", "sql drop table t"),
        ("/* why */ drop table t;", "sql drop table t"),
        # the same call, in the words of the command line
        (
            "rds.delete_db_instance(DBInstanceIdentifier='p', SkipFinalSnapshot=True)",
            "aws - delete-db-instance --db-instance-identifier p --skip-final-snapshot",
        ),
        (
            "s3.put_x(Bucket='b', To={'Bucket': 'c', 'Days': [1, 2]}, **{'Force': True})",
            "aws - put-x --bucket b --to {'Bucket':_'c',_'Days':_[1,_2]} --force",
        ),
        ("new DeleteBucketCommand({Bucket: 'b'})", "aws - delete-bucket --bucket b"),
        (
            "s3.deleteBucket({Bucket: 'b', Force: false})",
            "aws - delete-bucket --bucket b --no-force",
        ),
        (
            'aws rds stop --cli-input-json \'{"Id": "x", "Copies": 2, "IsLast": true}\' --region r',
            "aws rds stop --id x --copies 2 --is-last --region r",
        ),
        ("aws rds stop --cli-input-json '{x'", "aws rds stop --cli-input-json {x"),
    ],
)
def test_command_has_one_spelling(body, line):
    assert line in readings(body).lines


@pytest.mark.parametrize(
    ("body", "begins"),
    [
        ("# aws s3 ls", "aws"),
        ("aws s3 ls # redis-cli PING", "redis-cli"),
        ("echo aws s3 ls", "aws"),
        ("grep -r 'drop table t' .", "sql"),
        ("-- drop table t;", "sql"),
        ("# r.get('k')", "redis-cli"),
        ("git commit -m 'drop table t;'", "sql"),
        ("truncate old files", "sql"),
        ("echo 'rm -r /' > notes", "rm"),
        ("echo '$(aws s3 ls)'", "aws"),
        ('{"Statement": "aws s3 ls"}', "aws"),
    ],
)
def test_what_is_only_talked_about_is_no_command(body, begins):
    assert not [line for line in readings(body).lines if line.split()[0] == begins]


def test_text_is_without_lines_of_comment():
    assert readings("# a\nb # c\n  -- d\n--e").text == "\nb # c\n\n--e"


def test_quote_that_stays_open_is_said_and_lines_are_read_as_they_stand():
    read = readings("echo it's\nA=1; aws --region r s3 rm s3://b")
    assert not read.is_split
    assert "echo its" in read.lines
    assert "aws s3 rm s3://b --region r" in read.lines
    assert readings('echo "it\'s"').is_split
    with pytest.raises(CannotSplit):
        list(simple_commands("echo 'a"))


def test_redirections_are_no_words():
    (one,) = simple_commands("a b 2>&1 >> log < in c &> d")
    assert one.words == ("a", "b", "c")


def test_here_document_is_written_into_its_command_and_what_follows_runs_on():
    one, two = simple_commands("a <<-'X' b\n one\n two\n\tX\nc")
    assert (one.words, one.written) == (("a", "b"), " one\n two\n")
    assert two.words == ("c",)


def test_only_a_pipe_hands_on_what_is_said():
    assert [
        one.written for one in simple_commands("echo a | b; echo c; d; echo -n e | cat | f")
    ] == [
        *("", "a", "", "", "", "e", "e"),
    ]


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("SkipFinalSnapshot", "skip-final-snapshot"),
        ("DBInstanceIdentifier", "db-instance-identifier"),
        ("delete_db_instance", "delete-db-instance"),
        ("deleteDBInstance", "delete-db-instance"),
        ("S3ReplicateObject", "s3-replicate-object"),
    ],
)
def test_names_of_sdks_are_spelled_as_on_the_command_line(name, spelled):
    assert kebab(name) == spelled


@given(st.text(alphabet="ab$ '\"\\", min_size=1, max_size=8))
def test_word_in_single_quotes_is_itself(text):
    """`shlex.quote`, written by others, is the inverse."""

    assert unquoted(shlex.quote(text)) == text


@given(st.text(alphabet='a\'"`$(){}[]<>\\|;&#\n -=:.{"S":', max_size=60))
def test_no_text_ends_the_reading(text):
    read = readings(text)
    assert read.is_split in (True, False)
    assert all(words and all(isinstance(word, str) for word in words) for words in read.commands)


def test_texts_within_texts_are_read_to_a_depth():
    """Four shells within a shell are read; of a fifth nothing is."""

    def nested(depth: int) -> str:

        text = "aws s3 ls"
        for _ in range(depth):
            text = f"bash -c {shlex.quote(text)}"
        return text

    assert "aws s3 ls" in readings(nested(4)).lines
    assert "aws s3 ls" not in readings(nested(5)).lines
