"""The questions of ``make effect``: their answers, their halves, their data, the grading."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.effect.check import ANSWERS
from benchmarks.effect.grading import is_right
from benchmarks.effect.questions import DATA, Answer, all_questions

QUESTIONS = {question.id: question for question in all_questions()}
KILOBYTE = 1000


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_is_the_computed_one(name):
    answer = QUESTIONS[name].answer
    computed = ANSWERS[name]()
    if answer.kind == "number":
        computed = round(computed, 6)
    assert answer.value == computed


def test_every_computed_answer_has_its_question():
    assert set(ANSWERS) == set(QUESTIONS)
    assert len(QUESTIONS) == 30


def test_the_halves_are_alike():
    for question in QUESTIONS.values():
        twin = QUESTIONS[question.twin]
        assert twin.twin == question.id
        assert twin.level == question.level
        assert twin.seen is not question.seen
    levels = Counter(question.level for question in QUESTIONS.values() if question.seen)
    assert levels == {"one step": 5, "two steps": 5, "harder": 5}


def test_a_question_names_each_of_its_files():
    for question in QUESTIONS.values():
        assert set(question.files) == set(re.findall(r"\w+\.csv", question.question))


def test_every_file_is_used_small_and_has_its_licence():
    files = {file.name: file.stat().st_size for file in DATA.glob("*.csv")}
    assert set(files) == {name for question in QUESTIONS.values() for name in question.files}
    assert max(files.values()) <= 200 * KILOBYTE
    assert sum(files.values()) <= 600 * KILOBYTE
    rows = (DATA / "README.md").read_text(encoding="utf-8").splitlines()
    licences = {row.split("|")[1].strip(" `"): row.split("|")[-2].strip() for row in rows[7:]}
    assert set(licences) == set(files)
    assert set(licences.values()) <= {"CC0 1.0", "public domain"}


def _asked(value, kind="number", text="How many?", **about):
    any_question = QUESTIONS["no-sex"]
    answer = Answer(kind=kind, value=value, **about)
    return replace(any_question, question=text, answer=answer)


DAYS = _asked(47.0, text="On how many days of 2014 did it rain more than 10 mm?")
MASS = _asked(4679.741379, text="What is the mean mass?")
SHARE = _asked(38.835966, decimals=1, text="What share, in percent?")
SLOPE = _asked(-0.235053, decimals=2, text="What is the correlation?")
LOSS = _asked(2250.0, either_sign=True, text="By how much from January 2008 on?")
YEAR = _asked("1957", "year", "In which year from 1900 to 1999?")
STATE = _asked("AK", "state", "Which state?")
CAPITAL = _asked("District of Columbia", "state", "Which state?")
MONTH = _asked("September", "month", "In which month of 2013?")
DATE = _asked("2011-01", "year-month", "In which month?")

RIGHT = [
    (DAYS, "47"),
    (DAYS, "**47**"),
    (DAYS, "It rained more than 10 mm on 47 days of 2014."),
    (DAYS, "In 2014, 47 of the 365 days had more than 10 mm."),
    (DAYS, "47 out of 365 days."),
    (DAYS, "47 days (out of 1,461)."),
    (DAYS, "There are 1461 rows.\n\nOf these, 47 are such days."),
    (DAYS, "At first I counted 46. The right count is 47."),
    (DAYS, "It is 47, not 46."),
    (DAYS, "The number of days is:\n\n47"),
    (DAYS, "1. I read the file with 1461 rows.\n2. I counted.\n\nThe answer is $\\boxed{47}$."),
    (DAYS, "47.0 days, as this shows:\n```python\nprint(46)\n```"),
    (DAYS, "- **Days**: 365\n- **Answer**: **47**\n\nSo it is 47."),
    (MASS, "The mean is 4,680 g."),
    (MASS, "4680"),
    (MASS, "4680.0g"),
    (MASS, "About 4679.74 grams, so 4680."),
    (SHARE, "38.8%"),
    (SHARE, "38.84 percent"),
    (SHARE, "From 2010\u20132017 it was 38.8%."),
    (SHARE, "The share is 0.3884, which is 38.8 %."),
    (SHARE, "In 2017 renewables had 38.8% of the total of 56,476."),
    (SLOPE, "-0.24"),
    (SLOPE, "The correlation is \u22120.24."),
    (SLOPE, "It is minus 0.24."),
    (LOSS, "Manufacturing fell by 2,250 thousand."),
    (LOSS, "The change from January 2008 to December 2009 is -2250."),
    (YEAR, "1957"),
    (YEAR, "The highest was in 1957, at 190.2."),
    (YEAR, "Of all years from 1900 to 1999 it was **1957**."),
    (STATE, "AK"),
    (STATE, "Alaska (AK) has the most: 263."),
    (STATE, "alaska, with 263 airports"),
    (STATE, "AK has the most airports, followed by TX and CA."),
    (CAPITAL, "The district of columbia."),
    (CAPITAL, "Washington, D.C., with 24.2"),
    (MONTH, "September"),
    (MONTH, "It was **sept** - I mean Sept."),
    (MONTH, "2013-09 (September) with 156.8 mm"),
    (DATE, "January 2011"),
    (DATE, "January 1st, 2011."),
    (DATE, "The lowest count was on 2011-01-01."),
    (DATE, "Jan. 2011, with 5,427 thousand"),
]
WRONG = [
    (DAYS, ""),
    (DAYS, "The file has been read."),
    (DAYS, "46"),
    (DAYS, "470"),
    (DAYS, "47.5"),
    (DAYS, "x47"),
    (DAYS, "On 10 days of 2014."),
    (DAYS, "It is 46 or 47."),
    (DAYS, "It is 46, not 47."),
    (DAYS, "It was 47 at first. Without doubles it is 46."),
    (DAYS, "365\n47\n12"),
    (DAYS, "| day | count |\n| a | 47 |\n| b | 12 |"),
    (DAYS, "```\n47\n```"),
    (DAYS, "The answer is **46**, though 47 came out too."),
    (MASS, "4,679"),
    (MASS, "4.680"),
    (SHARE, "0.388"),
    (SHARE, "38.9%"),
    (SHARE, "39%"),
    (SLOPE, "0.24"),
    (SLOPE, "-0.2"),
    (LOSS, "In 2008 it fell by 2,251."),
    (YEAR, "In 1958."),
    (YEAR, "1957 and 1958"),
    (YEAR, "From 1900 to 1999"),
    (STATE, "TX"),
    (STATE, "AK and TX"),
    (STATE, "AK, TX, CA"),
    (STATE, "The state with the most airports is in the list."),
    (CAPITAL, "Washington"),
    (_asked("Virginia", "state"), "West Virginia"),
    (_asked("IN", "state"), "In the list."),
    (MONTH, "9"),
    (MONTH, "September or April"),
    (_asked("May", "month"), "It may be so."),
    (_asked("March", "month"), "Market days."),
    (DATE, "January 2012"),
    (DATE, "January"),
    (DATE, "2011-01-01 to 2011-02-01"),
]


@pytest.mark.parametrize(("question", "text"), RIGHT)
def test_right(question, text):
    assert is_right(text, question)


@pytest.mark.parametrize(("question", "text"), WRONG)
def test_wrong(question, text):
    assert not is_right(text, question)


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_question_holds_its_own_answer(name):
    question = QUESTIONS[name]
    assert not is_right(question.question, question)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_plainly_given_answer_is_right_for_its_question_alone(name):
    answer = QUESTIONS[name].answer
    value = answer.value
    if answer.kind == "number":
        value = f"{value:,.{answer.decimals}f}"
    told = f"The answer is {value}."
    assert [other for other in QUESTIONS if is_right(told, QUESTIONS[other])] == [name]
