//! The 19 types, a file for each group of them. A struct says what an action of its type has: `new` asks
//! for what must be there, further methods for what may be, and `log` hands it over.

pub(super) mod agent;
pub(super) mod hook;
pub(super) mod llm;
pub(super) mod session;
pub(super) mod system;
pub(super) mod tool;
pub(super) mod user;

/// Defines one type. `new` lists what must be given, `with` what may be; `own` are fields that methods
/// written by hand fill. The fields stand in the order of the document. `free status` gives the type a
/// method for its status, `is Error` another one than success where that method is not called.
macro_rules! action {
    (
        $(#[$doc:meta])*
        $name:ident = $kind:ident $(, free $free:ident)? $(, is $status:ident)? {
            $(new { $($(#[$required_doc:meta])* $required:ident: $required_type:ty,)* })?
            $(with { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty,)* })?
            $(own { $($own:ident: $own_type:ty,)* })?
            order { $($field:ident),* $(,)? }
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[must_use = "an action is recorded by its method `log`"]
        pub struct $name<'a> {
            #[allow(dead_code, reason = "the outcome of a tool stands for it")]
            status: Option<$crate::action::Status>,
            $($(pub(in crate::action) $required: $required_type,)*)?
            $($(pub(in crate::action) $optional: Option<$optional_type>,)*)?
            $($(pub(in crate::action) $own: Option<$own_type>,)*)?
            further: $crate::action::emit::Further,
            borrowed: std::marker::PhantomData<&'a str>,
        }

        impl<'a> $name<'a> {
            /// An action with what must be there.
            $($(#[doc = concat!("`", stringify!($required), "`: ")] $(#[$required_doc])*)*)?
            #[allow(clippy::new_without_default, reason = "an action is written out")]
            pub fn new($($($required: $required_type,)*)?) -> Self {
                Self {
                    status: None,
                    $($($required,)*)?
                    $($($optional: None,)*)?
                    $($($own: None,)*)?
                    further: Vec::new(),
                    borrowed: std::marker::PhantomData,
                }
            }

            $($(
                $(#[$optional_doc])*
                pub fn $optional(mut self, $optional: $optional_type) -> Self {
                    self.$optional = Some($optional);
                    self
                }
            )*)?

            $(
                /// How it came out. ERROR and WARN are the least levels of some; the manual has the table.
                pub fn $free(mut self, status: $crate::action::Status) -> Self {
                    self.status = Some(status);
                    self
                }
            )?

            /// Adds a field that the type does not have, behind those that it has. Such an action costs
            /// a microsecond more.
            pub fn field(
                mut self,
                name: impl Into<String>,
                value: impl Into<logloom_record::Value>,
            ) -> Self {
                self.further.push((name.into(), value.into()));
                self
            }

            /// Records the action in a session or an execution of it. May block, as every call, only
            /// when its ring is full and the overflow policy of its level says so.
            #[inline]
            pub fn log(&self, scope: &impl $crate::action::Scope) {
                static SITES: $crate::action::emit::Sites = $crate::action::emit::Sites::new(
                    $crate::action::ActionType::$kind,
                    <$name<'static> as $crate::action::emit::Action>::FIELDS,
                );
                let fields = $crate::action::kinds::values!(self $($field)*);
                $crate::action::emit::emit(self, &SITES, scope, fields);
            }
        }

        impl $crate::action::emit::Action for $name<'_> {
            const KIND: $crate::action::ActionType = $crate::action::ActionType::$kind;
            const FIELDS: &'static [&'static str] =
                &["session_id", "execution_id", "status", $(stringify!($field)),*];

            $crate::action::kinds::status!($name $($status)?);

            $crate::action::kinds::tokens!($name);

            #[inline(always)]
            fn further(&self) -> &$crate::action::emit::Further {
                &self.further
            }

            fn each(&self, visit: &mut dyn FnMut(&'static str, &dyn logloom_record::Encode)) {
                $(visit(stringify!($field), &self.$field);)*
            }
        }
    };
}

/// The values of a type's fields as nested pairs of references.
macro_rules! values {
    ($action:ident) => { () };
    ($action:ident $first:ident $($rest:ident)*) => {
        (&$action.$first, $crate::action::kinds::values!($action $($rest)*))
    };
}

/// Every action has a status: the one that was given, else that of its type. The outcome of a tool is its
/// status, and so is a denial.
macro_rules! status {
    (ToolResult) => {
        #[inline(always)]
        fn status(&self) -> $crate::action::Status {
            self.success.into()
        }
    };
    (ToolPermission) => {
        #[inline(always)]
        fn status(&self) -> $crate::action::Status {
            self.status.unwrap_or(match self.user_decision {
                $crate::action::Decision::Denied => $crate::action::Status::Denied,
                _ => $crate::action::Status::Success,
            })
        }
    };
    ($other:ident) => {
        $crate::action::kinds::status!($other Success);
    };
    ($other:ident $usual:ident) => {
        #[inline(always)]
        fn status(&self) -> $crate::action::Status {
            self.status.unwrap_or($crate::action::Status::$usual)
        }
    };
}

/// Only an answer of a model has tokens.
macro_rules! tokens {
    (LlmResponse) => {
        fn tokens(&self) -> Option<$crate::action::TokenUsage> {
            Some($crate::action::TokenUsage::new(self.input_tokens?, self.output_tokens?))
        }
    };
    ($other:ident) => {};
}

use {action, status, tokens, values};

/// A duration as the document writes it; beyond half a billion years it is the longest there is.
#[inline]
fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
