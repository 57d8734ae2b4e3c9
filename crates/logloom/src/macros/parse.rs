//! The syntax of the macros, taken in field by field. A call's tokens come in, the code of the call
//! goes out; the first token that fits no form is refused with a list of the forms.
//!
//! The state of `__event!` stands in front of the tokens that are still to be read: level and
//! module, the fields read so far, their number as `+ 1 + 1`, and the way to the next value within
//! the nested pairs as `.1 .1`. A field is kept as `{ [name] how [value] [bound name] [number]
//! [way] }`; the bound name is the variable under which a formatted message finds the value.

/// Reads one field, or the message.
#[doc(hidden)]
#[macro_export]
macro_rules! __event {
    (@ $head:tt $fields:tt $count:tt $way:tt) => {
        $crate::__call!($head $fields "" [])
    };
    (@ $head:tt $fields:tt $count:tt $way:tt $message:literal $(,)?) => {
        $crate::__call!($head $fields $message [])
    };
    (@ $head:tt $fields:tt $count:tt $way:tt $message:literal, $($arguments:tt)+) => {
        $crate::__call!($head $fields $message [$($arguments)+])
    };
    (@ $head:tt $fields:tt $count:tt $way:tt
     $name:literal = % $value:expr $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way [$name] display [$value] [] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt
     $name:literal = ? $value:expr $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way [$name] debug [$value] [] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt
     $name:literal = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way [$name] value [$value] [] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt
     $($name:ident).+ = % $value:expr $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way
            [$($name).+] display [$value] [$($name).+] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt
     $($name:ident).+ = ? $value:expr $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way
            [$($name).+] debug [$value] [$($name).+] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt
     $($name:ident).+ = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way
            [$($name).+] value [$value] [$($name).+] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt % $($name:ident).+ $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way
            [$($name).+] display [$($name).+] [$($name).+] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt ? $($name:ident).+ $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way
            [$($name).+] debug [$($name).+] [$($name).+] $($($rest)*)?)
    };
    // Not bound: the variable is in scope by itself, and if it is a constant it cannot be bound.
    (@ $head:tt $fields:tt $count:tt $way:tt $($name:ident).+ $(, $($rest:tt)*)?) => {
        $crate::__field!($head $fields $count $way
            [$($name).+] value [$($name).+] [] $($($rest)*)?)
    };
    (@ $head:tt $fields:tt $count:tt $way:tt $($wrong:tt)+) => {
        ::core::compile_error!(::core::concat!(
            "this is neither a field nor a message: `", ::core::stringify!($($wrong)+), "`. ",
            "Fields are `name = value`, `name = %display`, `name = ?debug`, `name`, `%name`, ",
            "`?name`, `a.b = value` or `\"any key\" = value`; behind them follows the message, ",
            "a literal, with its arguments; `target: \"name\",` stands in front",
        ))
    };
}

/// Puts one field away and reads on.
#[doc(hidden)]
#[macro_export]
macro_rules! __field {
    ($head:tt [$($field:tt)*] [$($count:tt)*] [$($way:tt)*]
     $name:tt $how:ident $value:tt $bound:tt $($rest:tt)*) => {
        $crate::__event!(@ $head
            [$($field)* { $name $how $value $bound [$($count)*] [$($way)* .0] }]
            [$($count)* + 1] [$($way)* .1] $($rest)*)
    };
}

/// The code of a call whose tokens have all been read.
#[doc(hidden)]
#[macro_export]
macro_rules! __call {
    (($level:expr, $module:expr) [$({ $name:tt $($field:tt)* })*] $literal:literal $format:tt) => {{
        const __LOGLOOM_FIELDS: &[&str] = &[$($crate::__name!($name)),*];
        // A constant of its own: what is read from the static is not known when compiling.
        const __LOGLOOM_KIND: $crate::__private::MessageKind =
            $crate::__kind!($literal, __LOGLOOM_FIELDS, $format);
        static __LOGLOOM_SITE: $crate::__private::Site = $crate::__private::Site::new(
            $level,
            $module,
            ::core::file!(),
            ::core::line!(),
            $literal,
            __LOGLOOM_KIND,
            __LOGLOOM_FIELDS,
        );
        let word = $crate::__private::word(&__LOGLOOM_SITE);
        if word != $crate::__private::OFF {
            #[allow(unused_imports)]
            use $crate::__private::{ViaErrorLike as _, ViaError as _, ViaValue as _};
            // A match, so that the temporaries of the values live until the record is written.
            match $crate::__values!(__LOGLOOM_SITE [$({ $($field)* })*]) {
                values => $crate::__emit!(
                    word values $level, __LOGLOOM_SITE __LOGLOOM_KIND __LOGLOOM_FIELDS
                    [$({ $($field)* })*] $literal $format
                ),
            }
        }
    }};
}

/// How the message comes about: positional arguments can only be formatted by the caller.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    ($literal:literal, $fields:ident, []) => {
        $crate::__private::message_kind($literal, $fields)
    };
    ($literal:literal, $fields:ident, [$($arguments:tt)+]) => {
        $crate::__private::MessageKind::Formatted
    };
}

/// Hands the record over, with a message where the caller has to format it.
#[doc(hidden)]
#[macro_export]
macro_rules! __emit {
    ($word:ident $values:ident $level:expr, $site:ident $kind:ident $names:ident
     [$($field:tt)*] $literal:literal [$($arguments:tt)*]) => {
        if $crate::__private::is_formatted($kind) {
            #[allow(unused_imports)]
            use $crate::__private::{ViaDebug as _, ViaDisplay as _, ViaNothing as _};
            const __LOGLOOM_HOLES: u64 = $crate::__private::holes($literal, $names);
            $($crate::__bind!($values $field);)*
            let message = $crate::__private::Scratch::message(
                $site.mask() & __LOGLOOM_HOLES != 0,
                $literal,
                ::core::format_args!($literal, $($arguments)*),
            );
            let message = ::core::option::Option::Some(message.as_str());
            $crate::__private::emit(&$site, $word, $level, message, $values);
        } else {
            let message = ::core::option::Option::None;
            $crate::__private::emit(&$site, $word, $level, message, $values);
        }
    };
}

/// The values as nested pairs of references.
#[doc(hidden)]
#[macro_export]
macro_rules! __values {
    ($site:ident []) => { () };
    ($site:ident [{ display [$value:expr] $bound:tt [$($count:tt)*] $way:tt } $($rest:tt)*]) => {
        (
            &$crate::__private::Scratch::display(
                &$value,
                $crate::__private::is_masked($site.mask(), 0 $($count)*),
            ),
            $crate::__values!($site [$($rest)*]),
        )
    };
    ($site:ident [{ debug [$value:expr] $bound:tt [$($count:tt)*] $way:tt } $($rest:tt)*]) => {
        (
            &$crate::__private::Scratch::debug(
                &$value,
                $crate::__private::is_masked($site.mask(), 0 $($count)*),
            ),
            $crate::__values!($site [$($rest)*]),
        )
    };
    ($site:ident [{ value [$value:expr] $bound:tt [$($count:tt)*] $way:tt } $($rest:tt)*]) => {
        (
            $crate::__private::encodable(
                &(&&&$crate::__private::Given(&$value))
                    .logloom_value(|| $crate::__private::is_masked($site.mask(), 0 $($count)*)),
            ),
            $crate::__values!($site [$($rest)*]),
        )
    };
}

/// A field's name as it is written to the log.
#[doc(hidden)]
#[macro_export]
macro_rules! __name {
    ([$name:literal]) => { $name };
    ([$first:ident $(. $next:ident)*]) => {
        $crate::__private::field_name(
            ::core::concat!(::core::stringify!($first) $(, ".", ::core::stringify!($next))*)
        )
    };
}

/// Makes a field known to a formatted message under its name. Dotted names have no variable, and
/// neither have keywords; what follows is a list of these.
#[doc(hidden)]
#[macro_export]
macro_rules! __bind {
    ($values:ident { $how:ident $value:tt [as] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [async] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [await] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [break] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [const] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [continue] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [crate] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [do] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [dyn] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [else] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [enum] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [extern] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [final] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [fn] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [for] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [if] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [impl] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [in] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [let] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [loop] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [match] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [mod] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [move] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [mut] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [priv] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [pub] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [ref] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [return] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [self] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [static] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [struct] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [super] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [trait] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [try] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [type] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [unsafe] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [use] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [where] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [while] $($rest:tt)* }) => {};
    ($values:ident { $how:ident $value:tt [$name:ident] $count:tt [$($way:tt)*] }) => {
        #[allow(unused_variables, non_snake_case)]
        let $name = (&&&$crate::__private::Captured($values $($way)*)).logloom_capture();
    };
    ($values:ident { $($unbound:tt)* }) => {};
}
