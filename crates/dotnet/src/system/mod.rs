//! `System`, and the little of `System.Globalization` that policies use.

mod array;
mod bit_converter;
mod boolean;
mod char;
mod char_category;
mod convert;
mod date_enums;
mod date_time;
mod date_time_offset;
mod delegates;
mod environment;
pub(crate) mod exceptions;
mod format;
mod guid;
mod interfaces;
mod math;
mod normalize;
mod nullable;
mod numbers;
mod object;
mod random;
mod string;
mod string_comparer;
mod string_comparison;
mod string_join;
mod string_order;
mod string_search;
mod string_split;
mod time_span;
mod time_zone_info;
mod tuple;
mod type_code;
mod uri;
mod value_tuple;

use csharp::surface::TypeDef;

pub(crate) use convert::{part, units};
pub(crate) use date_time::{as_date_time, of_timestamp, value as date_time};
pub(crate) use date_time_offset::of as as_date_time_offset;
pub(crate) use format::{composite, format_of, raise, text_of};
pub(crate) use guid::value as guid;
pub(crate) use object::to_string;
pub(crate) use string_comparer::ignores_case;
pub(crate) use string_order::compared_by;
pub(crate) use string_split::Pieces;
pub(crate) use time_span::value as time_span;
pub(crate) use uri::value as uri;

/// One line per type.
pub(crate) const TYPES: &[&TypeDef] = &[
    &object::DEF,
    &object::VALUE_TYPE,
    &object::ENUM,
    &object::TYPE,
    &object::RUNTIME_TYPE,
    &type_code::DEF,
    &normalize::FORM,
    &char_category::DEF,
    &nullable::STATIC,
    &string::DEF,
    &guid::DEF,
    &random::DEF,
    &string_comparison::DEF,
    &string_comparison::SPLIT_OPTIONS,
    &boolean::DEF,
    &char::DEF,
    &numbers::SBYTE,
    &numbers::BYTE,
    &numbers::INT16,
    &numbers::UINT16,
    &numbers::INT32,
    &numbers::UINT32,
    &numbers::INT64,
    &numbers::UINT64,
    &numbers::SINGLE,
    &numbers::DOUBLE,
    &numbers::DECIMAL,
    &nullable::DEF,
    &delegates::DELEGATE,
    &delegates::ACTION_0,
    &delegates::ACTION_1,
    &delegates::ACTION_2,
    &delegates::ACTION_3,
    &delegates::ACTION_4,
    &delegates::FUNC_1,
    &delegates::FUNC_2,
    &delegates::FUNC_3,
    &delegates::FUNC_4,
    &delegates::FUNC_5,
    &delegates::PREDICATE,
    &delegates::COMPARISON,
    &delegates::CONVERTER,
    &interfaces::DISPOSABLE,
    &interfaces::COMPARABLE,
    &interfaces::COMPARABLE_OF,
    &interfaces::EQUATABLE,
    &interfaces::FORMATTABLE,
    &interfaces::FORMAT_PROVIDER,
    &interfaces::CULTURE_INFO,
    &interfaces::NUMBER_STYLES,
    &value_tuple::CREATE,
    &value_tuple::DEF_2,
    &value_tuple::DEF_3,
    &value_tuple::DEF_4,
    &value_tuple::DEF_5,
    &value_tuple::DEF_6,
    &value_tuple::DEF_7,
    &exceptions::AGGREGATE,
    &exceptions::APPLICATION,
    &exceptions::TIMEOUT,
    &exceptions::UNAUTHORIZED_ACCESS,
    &exceptions::OBJECT_DISPOSED,
    &date_time::DEF,
    &date_time_offset::DEF,
    &time_span::DEF,
    &time_zone_info::DEF,
    &date_enums::DAY_OF_WEEK,
    &date_enums::DATE_TIME_KIND,
    &date_enums::DATE_TIME_STYLES,
    &date_enums::TIME_SPAN_STYLES,
    &exceptions::TIME_ZONE_NOT_FOUND,
    &exceptions::URI_FORMAT,
    &exceptions::DECODER_FALLBACK,
    &exceptions::ENCODER_FALLBACK,
    &exceptions::REGEX_PARSE,
    &exceptions::CRYPTOGRAPHIC,
    &exceptions::RANK,
    &array::DEF,
    &bit_converter::DEF,
    &convert::DEF,
    &convert::BASE64_FORMATTING_OPTIONS,
    &environment::DEF,
    &environment::BUFFER,
    &math::DEF,
    &math::MIDPOINT_ROUNDING,
    &uri::DEF,
    &uri::BUILDER,
    &uri::KIND,
    &uri::PARTIAL,
    &uri::HOST_NAME_TYPE,
    &uri::COMPONENTS,
    &uri::FORMAT,
    &string_comparer::DEF,
    &tuple::CREATE,
    &tuple::DEF_1,
    &tuple::DEF_2,
    &tuple::DEF_3,
    &tuple::DEF_4,
    &tuple::DEF_5,
];
