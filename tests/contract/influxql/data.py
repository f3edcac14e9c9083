"""The data that questions are asked about, in line protocol."""

from __future__ import annotations

import itertools

T0 = 1_795_132_800  # 2026-11-20T00:00:00Z, in seconds


def at(seconds: float) -> int:
    """A time so many seconds after T0, in ns."""
    return (T0 * 1000 + round(seconds * 1000)) * 1_000_000


def data() -> list[str]:
    """Bodies in line protocol, one request each: later ones write over earlier ones."""
    flow = []
    for step in range(40):
        for place, (area, zone) in enumerate([("00001", "ba-dinh"), ("00004", "ba-dinh"), ("00008", "tay-ho")]):
            for kind in ("car", "bus"):
                if (step * 7 + place * 3 + len(kind)) % 11 == 0 or (area == "00008" and 12 <= step < 20):
                    continue  # gaps, and an area that is silent for a while
                n = (step * 13 + place * 5 + (kind == "bus") * 29) % 60 + 1
                line = f"flow,area={area},zone={zone},kind={kind} count={n}i,speed_sum={n * 31.25},speed_max={n + 20.5}"
                if step % 3 == 0:
                    line += f",occupancy_sum={n / 64}"
                flow.append(f"{line} {at(step * 10)}")
    others = [
        f'site,sensor=s1 state=1i,name="Cầu Giấy",ok=true,load=0.5 {at(0)}',
        f'site,sensor=s2 state=2i,name="say \\"hi\\", b\\\\c",ok=false,load=1.5 {at(0)}',
        f"site,sensor=s1 state=3i,ok=true,load=-2.25 {at(61)}",
        f"site,sensor=s3 ok=false {at(62.5)}",
        f'site state=-9i,name="no sensor" {at(70)}',
        f"site,sensor=s2 load=1e-7,state=9007199254740993i {at(130)}",
        f"ties,a=1 v=5,w=1i,b=true {at(0)}",
        f"ties,a=2 v=7,w=1i,b=false {at(0)}",
        f"ties,a=3 v=7,w=2i {at(10)}",
        f"ties,a=1 v=5,w=2i {at(10)}",
        f"ties,a=2 v=3,w=0i {at(20)}",
        f"ints v=10i {at(0)}",
        f"ints v=3i,d=0i {at(30)}",
        f"ints v=-7i,d=2i {at(90)}",
        f"ints v=20i,d=-3i {at(210)}",
        f"we\\ ird\\,m,t\\ ag=Th\\=ường\\ Tín,z=\\,x fi\\ eld=1,a.b=2 {at(5)}",
        f"other,area=00001,only=here count=5i {at(3)}",
        f"other,area=00099 count=6i,extra=1.5 {at(33)}",
        f"sparse f=1 {at(0)}",
        f"sparse f=4 {at(180)}",
        f"sparse f=2 {at(420)}",
        f"nanos v=1 {at(0) + 1}",
        f"nanos v=2 {at(0) + 123456}",
        f"nanos v=3 {at(1) + 120000000}",
    ]
    again = [
        f"flow,area=00001,zone=ba-dinh,kind=car count=100i {at(10)}",
        f"flow,area=00001,zone=ba-dinh,kind=car speed_max=99.5,occupancy_sum=0.75 {at(10)}",
        f"flow,kind=car,zone=ba-dinh,area=00001 count=101i {at(10)}",
    ]
    return ["\n".join(flow), "\n".join(others), "\n".join(again)]


GENERATED_STEPS = 24


def generated_data() -> str:
    """What generated queries ask: no two points of a measurement share their time, and no two values are equal."""
    lines = []
    for place, (area, kind) in enumerate(itertools.product(("a1", "a2", "a3"), ("bus", "car"))):
        for step in range(GENERATED_STEPS):
            number = step * 6 + place
            if number % 7 == 3 or (area == "a2" and 8 <= step < 12):
                continue  # gaps, and an area that is silent for a while
            n = number * 37 % 149  # 149 is a prime above every number: each n is another
            fields = [f"i={n - 60}i", f"f={n * 1.25 - 40}"]
            if step % 4:
                fields.append(f'b={"true" if n % 2 else "false"},s="s{n:03d}"')
            lines.append(f"gen,area={area},kind={kind} {','.join(fields)} {at(step * 10 + place)}")
    lines += [f"few,area=a1 i={n * n}i,g={n / 4} {at(17 * n)}" for n in range(1, 9)]
    return "\n".join(lines)
