//! Decimal numbers of settings, read and written in a few lines: the standard library's ways are exact to the last
//! bit of every number there is, and bring ten kilobytes of tables.
//!
//! Never knows: which setting it is.

use std::fmt;

/// More digits than a double has are passed over.
const DIGITS_MAX: u32 = 17;
const EXPONENT_MAX: i32 = 400;

/// As Java and Rust write decimals: `0.5`, `.5`, `-1`, `5e-1`. Exact up to 15 digits.
pub(super) fn parse(text: &str) -> Option<f64> {
    let (text, sign) = match text.strip_prefix('-') {
        Some(rest) => (rest, -1.0),
        None => (text.strip_prefix('+').unwrap_or(text), 1.0),
    };
    let (number, mut exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => {
            (number, exponent.parse::<i32>().ok()?.clamp(-EXPONENT_MAX, EXPONENT_MAX))
        }
        None => (text, 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let (mut digits, mut taken) = (0_u64, 0);
    for (index, character) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let digit = char::from(character).to_digit(10)?;
        let is_fraction = index >= whole.len();
        if taken < DIGITS_MAX {
            digits = digits * 10 + u64::from(digit);
            taken += u32::from(digits > 0);
            exponent = exponent.saturating_sub(i32::from(is_fraction));
        } else {
            exponent = exponent.saturating_add(i32::from(!is_fraction));
        }
    }
    let power = (0..exponent.unsigned_abs().min(EXPONENT_MAX as u32)).fold(1.0, |power: f64, _| power * 10.0);
    let size = if exponent < 0 { digits as f64 / power } else { digits as f64 * power };
    (digits == 0 || size.is_finite()).then_some(if digits == 0 { 0.0 } else { sign * size })
}

/// With the fewest digits that read back as the number, and at least one behind the point. For ratios: what is
/// smaller than a double can tell from 1 is written as 0.
pub(super) struct Decimal(pub f64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0.0 { "-" } else { "" };
        let size = if self.0 < 0.0 { -self.0 } else { self.0 };
        let (mut places, mut power) = (1_usize, 10.0);
        while places < 15 && (size * power + 0.5).trunc() / power != size {
            places += 1;
            power *= 10.0;
        }
        let (digits, power) = ((size * power + 0.5) as u64, power as u64);
        write!(f, "{sign}{}.{:0places$}", digits / power, digits % power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_as_the_standard_library_does() {
        for thousandths in 0..=1000 {
            let number = f64::from(thousandths) / 1000.0;
            let text = format!("{number:?}");
            assert_eq!(parse(&text), Some(number));
            assert_eq!(Decimal(number).to_string(), text);
        }
        for text in
            ["0.123456789012345", "1", ".5", "5.", "-0.25", "+1.5", "25e-2", "2E0", "1e-7", "0e9", "-0"]
        {
            assert_eq!(parse(text), text.parse().ok(), "{text}");
        }
        assert_eq!(Decimal(-1.5).to_string(), "-1.5");
    }

    #[test]
    fn what_is_no_finite_decimal_is_refused() {
        for text in
            ["", ".", "-", "e1", "1e", "NaN", "inf", "infinity", "0x1", "1 ", "1.2.3", "--1", "1e999", "½"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
