"""The right answers, computed from the files with plain pandas.

``python -m benchmarks.effect.check`` prints them.

One function per question, named after its id. A test compares what they return with
``questions.json``. Nothing here knows of models, loops or grading.
"""

from __future__ import annotations

from calendar import month_name
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = Path(__file__).parent / "data"
ANSWERS: dict[str, Callable[[], float | str]] = {}


def _answer(function: Callable[[], float | str]) -> Callable[[], float | str]:
    """Make ``function`` the answer of the question of the same name."""
    ANSWERS[function.__name__.replace("_", "-")] = function
    return function


def _penguins() -> pd.DataFrame:
    return pd.read_csv(DATA / "penguins_raw.csv")


def _weather() -> pd.DataFrame:
    return pd.read_csv(DATA / "seattle_weather.csv", parse_dates=["date"])


def _sunspots() -> pd.DataFrame:
    return pd.read_csv(DATA / "sunspots.csv")


def _elnino() -> pd.DataFrame:
    return pd.read_csv(DATA / "elnino.csv")


def _energy() -> pd.DataFrame:
    return pd.read_csv(DATA / "iowa_electricity.csv", parse_dates=["year"])


def _airports() -> pd.DataFrame:
    return pd.read_csv(DATA / "airports.csv", sep=";")


def _states() -> pd.DataFrame:
    states = pd.read_csv(DATA / "states_2009.csv")
    for column in ("high school graduates", "poverty", "urban"):
        states[column] = states[column].str.rstrip("%").astype(float)
    return states


def _employment() -> pd.DataFrame:
    path = DATA / "us_employment.csv"
    return pd.read_csv(path, comment="#", thousands=",", parse_dates=["month"])


# --- one step ---------------------------------------------------------------------------


@_answer
def no_sex() -> float:
    return float(_penguins()["Sex"].isna().sum())


@_answer
def no_state() -> float:
    return float(_airports()["State"].isna().sum())


@_answer
def hottest_day() -> float:
    return float(_weather()["temp_max"].max())


@_answer
def warmest_july() -> float:
    return float(_elnino()["JUL"].max())


@_answer
def sunniest_year() -> str:
    sunspots = _sunspots()
    return str(sunspots.loc[sunspots["SUNACTIVITY"].idxmax(), "YEAR"])


@_answer
def most_murders() -> str:
    states = _states()
    return str(states.loc[states["murder rate"].idxmax(), "state"])


@_answer
def foggy_days() -> float:
    return float((_weather()["weather"] == "fog").sum())


@_answer
def on_dream() -> float:
    return float((_penguins()["Island"] == "Dream").sum())


@_answer
def mean_january() -> float:
    return float(_elnino()["JAN"].mean())


@_answer
def mean_wind() -> float:
    return float(_weather()["wind"].mean())


# --- two steps --------------------------------------------------------------------------


@_answer
def gentoo_mass() -> float:
    penguins = _penguins()
    gentoo = penguins["Species"].str.startswith("Gentoo") & (penguins["Sex"] == "FEMALE")
    return float(penguins.loc[gentoo, "Body Mass (g)"].mean())


@_answer
def nuclear_mean() -> float:
    energy = _energy()
    rows = (energy["source"] == "Nuclear Energy") & (energy["year"].dt.year >= 2010)
    return float(energy.loc[rows, "net_generation"].mean())


@_answer
def wet_days() -> float:
    weather = _weather()
    return float(((weather["date"].dt.year == 2014) & (weather["precipitation"] > 10)).sum())


@_answer
def snow_water() -> float:
    weather = _weather()
    return float(weather.loc[weather["weather"] == "snow", "precipitation"].sum())


@_answer
def most_airports() -> str:
    return str(_airports()["State"].value_counts().index[0])


@_answer
def third_airports() -> str:
    return str(_airports()["State"].value_counts().index[2])


@_answer
def poor_murders() -> float:
    states = _states()
    return float(states.loc[states["poverty"] > 15, "murder rate"].mean())


@_answer
def best_month_2014() -> float:
    employment = _employment()
    rows = employment["month"].dt.year == 2014
    return float(employment.loc[rows, "nonfarm_change"].max())


@_answer
def sunspots_mean() -> float:
    sunspots = _sunspots()
    return float(sunspots.loc[sunspots["YEAR"].between(1900, 1950), "SUNACTIVITY"].mean())


@_answer
def warmest_december() -> str:
    elnino = _elnino()
    years = elnino[elnino["YEAR"].between(1980, 1995)]
    return str(years.loc[years["DEC"].idxmax(), "YEAR"])


# --- harder -----------------------------------------------------------------------------


@_answer
def poor_airports() -> float:
    joined = _airports().merge(_states(), left_on="State", right_on="code")
    return float((joined["poverty"] > 16).sum())


@_answer
def safe_airports() -> str:
    counts = _airports()["State"].value_counts()
    states = _states().set_index("code")
    many = states.loc[states.index.isin(counts[counts >= 80].index)]
    return str(many.loc[many["murder rate"].idxmin(), "state"])


@_answer
def wettest_month() -> str:
    weather = _weather()
    year = weather[weather["date"].dt.year == 2013]
    return month_name[int(year.groupby(year["date"].dt.month)["precipitation"].sum().idxmax())]


@_answer
def early_eggs() -> float:
    dates = pd.to_datetime(_penguins()["Date Egg"])
    return float(dates.between("2008-11-01", "2008-11-15").sum())


@_answer
def factory_loss() -> float:
    jobs = _employment().set_index("month")["manufacturing"]
    return float(jobs["2008-01-01"] - jobs["2009-12-01"])


@_answer
def building_low() -> str:
    employment = _employment()
    return f"{employment.loc[employment['construction'].idxmin(), 'month']:%Y-%m}"


@_answer
def culmen_correlation() -> float:
    penguins = _penguins()
    return float(penguins["Culmen Length (mm)"].corr(penguins["Culmen Depth (mm)"]))


@_answer
def school_correlation() -> float:
    states = _states()
    return float(states["high school graduates"].corr(states["murder rate"]))


@_answer
def renewable_share() -> float:
    energy = _energy()
    year = energy[energy["year"].dt.year == 2017].set_index("source")["net_generation"]
    return float(year["Renewables"] / year.sum() * 100)


@_answer
def sunny_share() -> float:
    weather = _weather()
    year = weather[weather["date"].dt.year == 2015]
    return float((year["weather"] == "sun").mean() * 100)


def main() -> None:
    """Print every answer."""
    for name, function in ANSWERS.items():
        print(f"{name}: {function()}")


if __name__ == "__main__":
    main()
