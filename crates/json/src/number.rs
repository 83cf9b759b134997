//! Doubles and singles as .NET Core prints them: shortest digits that read back, `E+17` outside the plain range.

/// `double.ToString()` under the invariant culture.
pub fn format_double(value: f64) -> String {
    if value.is_nan() || value.is_infinite() {
        return special(value).to_owned();
    }
    lay_out(&format!("{value:e}"), 17)
}

/// `float.ToString()` under the invariant culture.
pub fn format_single(value: f32) -> String {
    if value.is_nan() || value.is_infinite() {
        return special(f64::from(value)).to_owned();
    }
    lay_out(&format!("{value:e}"), 9)
}

/// The number as JSON text: never without a fraction or an exponent, so that it is read back as a float.
pub(crate) fn with_decimal_place(mut text: String) -> String {
    if !text.contains(['.', 'E', 'e', 'N', 'I']) {
        text.push_str(".0");
    }
    text
}

fn special(value: f64) -> &'static str {
    match (value.is_nan(), value > 0.0) {
        (true, _) => "NaN",
        (false, true) => "Infinity",
        (false, false) => "-Infinity",
    }
}

/// Turns Rust's shortest `d.ddde-x` into .NET's layout; `plain` is the number of digits up to which no exponent is used.
fn lay_out(scientific: &str, plain: i32) -> String {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |m| ("-", m));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let mut out = String::with_capacity(24);
    out.push_str(sign);
    if exponent >= plain || exponent < -4 {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        out.push_str(if exponent < 0 { "E-" } else { "E+" });
        out.push_str(&format!("{:02}", exponent.abs()));
    } else if exponent < 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', (-exponent - 1) as usize));
        out.push_str(&digits);
    } else {
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', whole - digits.len()));
        } else {
            let (integer, fraction) = digits.split_at(whole);
            out.push_str(integer);
            out.push('.');
            out.push_str(fraction);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_dotnet_prints_them() {
        for (value, text) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (1e16, "10000000000000000"),
            (1e17, "1E+17"),
            (123456789012345680.0, "1.2345678901234568E+17"),
            (1e-4, "0.0001"),
            (1e-5, "1E-05"),
            (1.25e-7, "1.25E-07"),
            (1e100, "1E+100"),
            (5e-324, "5E-324"),
            (0.30000000000000004, "0.30000000000000004"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(format_double(value), text);
        }
        assert_eq!(
            (format_single(1e8), format_single(1e9), format_single(0.1)),
            ("100000000".into(), "1E+09".into(), "0.1".into())
        );
    }
}
