//! Amounts as messages: bytes, seconds, times of day, rates. One unit after the number, and few digits.

use crate::model::message::Message;

pub fn bytes(bytes: u64) -> Message {
    let b = bytes as f64;
    match bytes {
        0..1_000 => Message::new("size-b").number("n", b),
        1_000..1_000_000 => Message::new("size-kb").number("n", b / 1e3),
        1_000_000..10_000_000 => Message::new("size-mb").decimal("n", b / 1e6, 2),
        10_000_000..1_000_000_000 => Message::new("size-mb").decimal("n", b / 1e6, 1),
        _ => Message::new("size-gb").decimal("n", b / 1e9, 1),
    }
}

/// Below ten a rate keeps a decimal.
pub fn rate(per_second: f64) -> Message {
    Message::new("rate").decimal("n", per_second, rate_decimals(per_second))
}

pub fn rate_decimals(per_second: f64) -> u8 {
    u8::from(per_second < 9.95 && per_second > 0.0 && (per_second - per_second.round()).abs() > 0.05)
}

pub fn duration(ms: i64) -> Message {
    let s = ms as f64 / 1e3;
    match ms {
        ..1_000 => Message::new("duration-ms").number("n", ms as f64),
        1_000..60_000 => Message::new("duration-s").decimal("n", s, u8::from(ms % 1_000 != 0)),
        60_000..3_600_000 => Message::new("duration-min").number("n", s / 60.0),
        3_600_000..86_400_000 => Message::new("duration-h").number("n", s / 3_600.0),
        _ => Message::new("duration-d").number("n", s / 86_400.0),
    }
}

/// Always seconds, one decimal: for what is compared with others beside it.
pub fn seconds(ms: i64) -> Message {
    Message::new("duration-s").decimal("n", ms as f64 / 1e3, 1)
}

/// `hh:mm:ss` in local time; `offset_minutes` is what JavaScript calls the time zone offset.
pub fn clock(at_ms: i64, offset_minutes: i64) -> String {
    let s = (at_ms / 1_000 - offset_minutes * 60).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// `yyyy-mm-dd hh:mm:ss`, by the civil calendar.
pub fn date_and_time(at_ms: i64, offset_minutes: i64) -> String {
    let local = at_ms - offset_minutes * 60_000;
    let (year, month, day) = civil(local.div_euclid(86_400_000));
    format!("{year:04}-{month:02}-{day:02} {}", clock(at_ms, offset_minutes))
}

/// Days since 1970 to year, month, day (the proleptic Gregorian calendar).
pub fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let day_of_era = z.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The inverse of [`civil`].
pub fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_goes_there_and_back() {
        for days in [-1, 0, 11_322, 11_381, 20_000, 60_000] {
            let (y, m, d) = civil(days);
            assert_eq!(days_from_civil(y, m, d), days);
        }
        assert_eq!(date_and_time(978_310_020_000, 0), "2001-01-01 00:47:00");
    }
}
