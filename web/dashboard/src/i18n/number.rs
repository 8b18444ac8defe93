//! Numbers as both languages write them: grouped by three, a point before the decimals.

use fluent_bundle::types::{FluentNumber, FluentNumberOptions};
use fluent_bundle::{FluentValue, memoizer::MemoizerKind};

pub fn fluent(value: f64, decimals: u8) -> FluentValue<'static> {
    // Without decimals the options stay Fluent's own: a variant `[0]` matches a number only with its options.
    let shown = (decimals > 0).then_some(usize::from(decimals));
    let options = FluentNumberOptions {
        minimum_fraction_digits: shown,
        maximum_fraction_digits: shown,
        ..FluentNumberOptions::default()
    };
    // Plural rules look at the value: it is rounded as it will be shown.
    let scale = 10f64.powi(i32::from(decimals));
    FluentValue::Number(FluentNumber::new((value * scale).round() / scale, options))
}

/// The formatter that Fluent asks for every number in a pattern.
pub fn grouped<M: MemoizerKind>(value: &FluentValue, _memoizer: &M) -> Option<String> {
    match value {
        FluentValue::Number(n) => Some(digits(n)),
        _ => None,
    }
}

pub fn digits(number: &FluentNumber) -> String {
    group(number.value, number.options.maximum_fraction_digits.unwrap_or(0))
}

pub fn group(value: f64, decimals: usize) -> String {
    let plain = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::new();
    if value < 0.0 && plain.bytes().any(|b| b.is_ascii_digit() && b != b'0') {
        out.push('−');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::group;

    #[test]
    fn groups_of_three() {
        assert_eq!(group(0.0, 0), "0");
        assert_eq!(group(999.0, 0), "999");
        assert_eq!(group(1_234_567.891, 1), "1,234,567.9");
        assert_eq!(group(-1_000.0, 0), "−1,000");
        assert_eq!(group(-0.0, 0), "0");
    }
}
