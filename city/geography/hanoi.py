"""Hanoi since 1 July 2025: 126 units (51 wards, 75 communes) under the city, in 30 zones.

Codes, names and areas are the official ones; a zone is the former district a unit mostly lies in.
Source: the administrative-unit codes of the General Statistics Office of Viet Nam; the points lie
inside each unit. Boundaries are not ours to ship.
"""

from __future__ import annotations

from city.geography.model import City, Climate, Unit, Zone

_ZONES = (
    Zone(
        "Ba Đình",
        (
            Unit("00004", "Ba Đình", "ward", 2.97, 21.03853, 105.83806),
            Unit("00008", "Ngọc Hà", "ward", 2.68, 21.03812, 105.81632),
            Unit("00025", "Giảng Võ", "ward", 2.6, 21.02756, 105.81425),
        ),
    ),
    Zone(
        "Hoàn Kiếm",
        (
            Unit("00070", "Hoàn Kiếm", "ward", 1.91, 21.03203, 105.85045),
            Unit("00082", "Cửa Nam", "ward", 1.68, 21.02264, 105.85074),
        ),
    ),
    Zone(
        "Tây Hồ",
        (
            Unit("00091", "Phú Thượng", "ward", 7.21, 21.08602, 105.80194),
            Unit("00097", "Hồng Hà", "ward", 15.09, 21.05648, 105.84559),
            Unit("00103", "Tây Hồ", "ward", 10.72, 21.05797, 105.82022),
        ),
    ),
    Zone(
        "Long Biên",
        (
            Unit("00118", "Bồ Đề", "ward", 12.94, 21.05137, 105.87052),
            Unit("00127", "Việt Hưng", "ward", 12.91, 21.06484, 105.90395),
            Unit("00136", "Phúc Lợi", "ward", 10.41, 21.0423, 105.91864),
            Unit("00145", "Long Biên", "ward", 19.04, 21.01985, 105.89617),
        ),
    ),
    Zone(
        "Cầu Giấy",
        (
            Unit("00160", "Nghĩa Đô", "ward", 4.34, 21.04509, 105.7944),
            Unit("00166", "Cầu Giấy", "ward", 3.74, 21.03091, 105.78806),
            Unit("00175", "Yên Hoà", "ward", 4.1, 21.01387, 105.79618),
        ),
    ),
    Zone(
        "Đống Đa",
        (
            Unit("00190", "Ô Chợ Dừa", "ward", 1.83, 21.02327, 105.82576),
            Unit("00199", "Láng", "ward", 1.88, 21.02111, 105.80601),
            Unit("00226", "Văn Miếu - Quốc Tử Giám", "ward", 1.92, 21.01994, 105.83711),
            Unit("00229", "Kim Liên", "ward", 2.46, 21.00565, 105.83239),
            Unit("00235", "Đống Đa", "ward", 2.07, 21.01192, 105.82178),
        ),
    ),
    Zone(
        "Hai Bà Trưng",
        (
            Unit("00256", "Hai Bà Trưng", "ward", 2.65, 21.01362, 105.85189),
            Unit("00283", "Vĩnh Tuy", "ward", 2.33, 20.99806, 105.86734),
            Unit("00292", "Bạch Mai", "ward", 2.95, 21.00221, 105.85196),
        ),
    ),
    Zone(
        "Hoàng Mai",
        (
            Unit("00301", "Vĩnh Hưng", "ward", 4.47, 20.99063, 105.88266),
            Unit("00316", "Định Công", "ward", 5.34, 20.97688, 105.8249),
            Unit("00322", "Tương Mai", "ward", 3.56, 20.98935, 105.85366),
            Unit("00328", "Lĩnh Nam", "ward", 10.86, 20.97252, 105.89112),
            Unit("00331", "Hoàng Mai", "ward", 9.04, 20.97458, 105.86182),
            Unit("00337", "Hoàng Liệt", "ward", 4.04, 20.96149, 105.83169),
            Unit("00340", "Yên Sở", "ward", 5.62, 20.95675, 105.85719),
        ),
    ),
    Zone(
        "Thanh Xuân",
        (
            Unit("00352", "Phương Liệt", "ward", 3.2, 20.99256, 105.83184),
            Unit("00364", "Khương Đình", "ward", 3.1, 20.99098, 105.81489),
            Unit("00367", "Thanh Xuân", "ward", 3.24, 20.99949, 105.80462),
        ),
    ),
    Zone(
        "Sóc Sơn",
        (
            Unit("00376", "Sóc Sơn", "commune", 68.24, 21.24631, 105.8494),
            Unit("00382", "Kim Anh", "commune", 52.8, 21.28349, 105.76617),
            Unit("00385", "Trung Giã", "commune", 77.52, 21.33173, 105.83083),
            Unit("00430", "Đa Phúc", "commune", 55.32, 21.2505, 105.90056),
            Unit("00433", "Nội Bài", "commune", 51.64, 21.2308, 105.79466),
        ),
    ),
    Zone(
        "Đông Anh",
        (
            Unit("00454", "Đông Anh", "commune", 48.68, 21.11009, 105.87161),
            Unit("00466", "Phúc Thịnh", "commune", 42.63, 21.16228, 105.81538),
            Unit("00475", "Thư Lâm", "commune", 43.84, 21.16479, 105.88785),
            Unit("00493", "Thiên Lộc", "commune", 27.96, 21.12407, 105.77154),
            Unit("00508", "Vĩnh Thanh", "commune", 22.52, 21.10774, 105.81784),
        ),
    ),
    Zone(
        "Gia Lâm",
        (
            Unit("00541", "Phù Đổng", "commune", 41.62, 21.07408, 105.94506),
            Unit("00562", "Thuận An", "commune", 29.67, 21.02993, 105.98648),
            Unit("00565", "Gia Lâm", "commune", 25.72, 21.00279, 105.94866),
            Unit("00577", "Bát Tràng", "commune", 20.67, 20.96914, 105.91186),
        ),
    ),
    Zone(
        "Nam Từ Liêm",
        (
            Unit("00592", "Từ Liêm", "ward", 10.18, 21.02034, 105.77073),
            Unit("00622", "Xuân Phương", "ward", 10.81, 21.02955, 105.7451),
            Unit("00634", "Tây Mỗ", "ward", 5.56, 21.00088, 105.74721),
            Unit("00637", "Đại Mỗ", "ward", 8.1, 20.99356, 105.77536),
        ),
    ),
    Zone(
        "Bắc Từ Liêm",
        (
            Unit("00598", "Thượng Cát", "ward", 14.77, 21.08659, 105.74973),
            Unit("00602", "Đông Ngạc", "ward", 8.85, 21.07505, 105.77592),
            Unit("00611", "Xuân Đỉnh", "ward", 5.46, 21.06444, 105.79505),
            Unit("00613", "Tây Tựu", "ward", 7.54, 21.06414, 105.73894),
            Unit("00619", "Phú Diễn", "ward", 6.29, 21.04888, 105.76577),
        ),
    ),
    Zone(
        "Thanh Trì",
        (
            Unit("00640", "Thanh Trì", "commune", 9.94, 20.93883, 105.85938),
            Unit("00643", "Thanh Liệt", "ward", 6.44, 20.97022, 105.80615),
            Unit("00664", "Đại Thanh", "commune", 18.92, 20.93707, 105.81442),
            Unit("00679", "Ngọc Hồi", "commune", 13.35, 20.91235, 105.83704),
            Unit("00685", "Nam Phù", "commune", 13.74, 20.91983, 105.88378),
        ),
    ),
    Zone(
        "Thạch Thất",
        (
            Unit("04930", "Yên Xuân", "commune", 78.01, 20.97801, 105.47005),
            Unit("09955", "Thạch Thất", "commune", 31.93, 21.06918, 105.56215),
            Unit("09982", "Hạ Bằng", "commune", 32.14, 21.02026, 105.5611),
            Unit("09988", "Hoà Lạc", "commune", 35.37, 21.01221, 105.51308),
            Unit("10003", "Tây Phương", "commune", 31.1, 21.03653, 105.61155),
        ),
    ),
    Zone(
        "Mê Linh",
        (
            Unit("08974", "Quang Minh", "commune", 32.17, 21.19263, 105.75128),
            Unit("08980", "Yên Lãng", "commune", 44.81, 21.1722, 105.66169),
            Unit("08995", "Tiến Thắng", "commune", 36.34, 21.21061, 105.69036),
            Unit("09022", "Mê Linh", "commune", 34.97, 21.15078, 105.73292),
        ),
    ),
    Zone(
        "Hà Đông",
        (
            Unit("09552", "Kiến Hưng", "ward", 6.65, 20.95493, 105.77958),
            Unit("09556", "Hà Đông", "ward", 9.0, 20.97349, 105.77815),
            Unit("09562", "Yên Nghĩa", "ward", 13.18, 20.93915, 105.73605),
            Unit("09568", "Phú Lương", "ward", 9.4, 20.93943, 105.76646),
            Unit("09886", "Dương Nội", "ward", 7.9, 20.97517, 105.74863),
        ),
    ),
    Zone(
        "Sơn Tây",
        (
            Unit("09574", "Sơn Tây", "ward", 23.08, 21.14423, 105.48971),
            Unit("09604", "Tùng Thiện", "ward", 32.34, 21.12138, 105.45776),
            Unit("09616", "Đoài Phương", "commune", 57.1, 21.06869, 105.48611),
        ),
    ),
    Zone(
        "Ba Vì",
        (
            Unit("09619", "Quảng Oai", "commune", 49.26, 21.17455, 105.42762),
            Unit("09634", "Cổ Đô", "commune", 53.25, 21.26881, 105.39739),
            Unit("09661", "Minh Châu", "commune", 10.36, 21.21235, 105.45344),
            Unit("09664", "Vật Lại", "commune", 51.75, 21.21714, 105.3911),
            Unit("09676", "Bất Bạt", "commune", 56.43, 21.16742, 105.33231),
            Unit("09694", "Suối Hai", "commune", 51.56, 21.12399, 105.37746),
            Unit("09700", "Ba Vì", "commune", 81.27, 21.05809, 105.34154),
            Unit("09706", "Yên Bài", "commune", 68.19, 21.05376, 105.41902),
        ),
    ),
    Zone(
        "Phúc Thọ",
        (
            Unit("09715", "Phúc Thọ", "commune", 39.66, 21.11033, 105.55462),
            Unit("09739", "Phúc Lộc", "commune", 41.15, 21.14676, 105.57476),
            Unit("09772", "Hát Môn", "commune", 37.67, 21.08962, 105.6228),
        ),
    ),
    Zone(
        "Đan Phượng",
        (
            Unit("09784", "Đan Phượng", "commune", 15.3, 21.09122, 105.66601),
            Unit("09787", "Liên Minh", "commune", 23.57, 21.12793, 105.64589),
            Unit("09817", "Ô Diên", "commune", 32.06, 21.10941, 105.70411),
        ),
    ),
    Zone(
        "Hoài Đức",
        (
            Unit("09832", "Hoài Đức", "commune", 16.73, 21.06202, 105.70487),
            Unit("09856", "Dương Hoà", "commune", 17.41, 21.04891, 105.67264),
            Unit("09871", "Sơn Đồng", "commune", 21.57, 21.02418, 105.70474),
            Unit("09877", "An Khánh", "commune", 28.69, 20.98779, 105.70789),
        ),
    ),
    Zone(
        "Quốc Oai",
        (
            Unit("09895", "Quốc Oai", "commune", 24.0, 21.0116, 105.64971),
            Unit("09910", "Kiều Phú", "commune", 34.49, 20.97542, 105.6071),
            Unit("09931", "Hưng Đạo", "commune", 24.9, 20.96737, 105.67028),
            Unit("09952", "Phú Cát", "commune", 51.21, 20.94607, 105.56056),
        ),
    ),
    Zone(
        "Chương Mỹ",
        (
            Unit("10015", "Chương Mỹ", "ward", 38.9, 20.92488, 105.69855),
            Unit("10030", "Phú Nghĩa", "commune", 40.25, 20.91821, 105.64187),
            Unit("10045", "Xuân Mai", "commune", 50.72, 20.8728, 105.59326),
            Unit("10072", "Quảng Bị", "commune", 37.14, 20.87308, 105.70277),
            Unit("10081", "Trần Phú", "commune", 44.36, 20.84239, 105.65018),
            Unit("10096", "Hoà Phú", "commune", 29.87, 20.82862, 105.71682),
        ),
    ),
    Zone(
        "Thanh Oai",
        (
            Unit("10114", "Thanh Oai", "commune", 26.86, 20.84666, 105.76656),
            Unit("10126", "Bình Minh", "commune", 29.86, 20.90417, 105.76184),
            Unit("10144", "Tam Hưng", "commune", 29.45, 20.87581, 105.79847),
            Unit("10180", "Dân Hoà", "commune", 38.43, 20.8096, 105.79212),
        ),
    ),
    Zone(
        "Thường Tín",
        (
            Unit("10183", "Thường Tín", "commune", 28.29, 20.87697, 105.8413),
            Unit("10210", "Hồng Vân", "commune", 24.53, 20.87983, 105.88781),
            Unit("10231", "Thượng Phúc", "commune", 28.91, 20.82987, 105.85545),
            Unit("10237", "Chương Dương", "commune", 28.89, 20.83535, 105.9008),
        ),
    ),
    Zone(
        "Phú Xuyên",
        (
            Unit("10273", "Phú Xuyên", "commune", 60.02, 20.76417, 105.91746),
            Unit("10279", "Phượng Dực", "commune", 44.69, 20.77214, 105.83685),
            Unit("10330", "Chuyên Mỹ", "commune", 35.54, 20.71627, 105.88366),
            Unit("10342", "Đại Xuyên", "commune", 51.66, 20.70062, 105.94936),
        ),
    ),
    Zone(
        "Ứng Hòa",
        (
            Unit("10354", "Vân Đình", "commune", 41.6, 20.7351, 105.76641),
            Unit("10369", "Ứng Thiên", "commune", 38.4, 20.77407, 105.75858),
            Unit("10402", "Ứng Hoà", "commune", 67.8, 20.68883, 105.8481),
            Unit("10417", "Hoà Xá", "commune", 40.42, 20.66737, 105.79034),
        ),
    ),
    Zone(
        "Mỹ Đức",
        (
            Unit("10441", "Mỹ Đức", "commune", 52.73, 20.65449, 105.69744),
            Unit("10459", "Phúc Sơn", "commune", 49.31, 20.78108, 105.6812),
            Unit("10465", "Hồng Sơn", "commune", 54.38, 20.71587, 105.7056),
            Unit("10489", "Hương Sơn", "commune", 69.11, 20.61925, 105.76294),
        ),
    ),
)

# Normals as the World Meteorological Organization publishes them (World Weather Information Service, city 308).
_CLIMATE = Climate(
    rain_mm=(18.6, 26.2, 43.8, 90.1, 188.5, 239.9, 288.2, 318.0, 265.4, 130.7, 43.4, 23.4),
    rain_days=(8.4, 11.3, 15.0, 13.3, 14.2, 14.7, 15.7, 16.7, 13.7, 9.0, 6.5, 6.0),
    mean_c=(16.4, 17.0, 20.2, 23.7, 27.3, 28.8, 28.9, 28.2, 27.2, 24.6, 21.4, 18.2),
)

HANOI = City(slug="hanoi", name="Hà Nội", timezone="Asia/Ho_Chi_Minh", zones=_ZONES, climate=_CLIMATE)
