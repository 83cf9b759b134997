//! What can be typed after `tollgate`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// API management that anyone can run anywhere.
#[derive(Debug, Parser)]
#[command(name = "tollgate", version, about = ABOUT, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the help begins with. Without it clap takes the description of the package.
const ABOUT: &str = "API management that anyone can run anywhere";

const EXAMPLES: &str = "Examples:
  tollgate serve                         everything, on ./tollgate-data
  tollgate serve --gateway-http [::]:80  the gateway reachable from other machines
  tollgate status                        is it running, and has it published everything?
  tollgate eval '@(1 + 2)'               what a policy expression gives";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the gateway, the management API and sign-in.
    Serve(Serve),
    /// Shows whether a node runs and what it has published. Exit code 1 if it does not.
    Status(Status),
    /// Works with the keys that seal secrets in the store.
    Keys(Keys),
    /// Works with the credentials that sign in.
    Credential(Credential),
    /// Evaluates a policy expression.
    Eval(Eval),
}

/// `tollgate serve`
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A TOML file of settings.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the database, the keys and the certificates [default: tollgate-data].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// Where the gateway serves plain HTTP, or `off` [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) gateway_http: Option<String>,
    /// Where the gateway serves HTTPS, or `off` [default: 127.0.0.1:8443].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) gateway_https: Option<String>,
    /// Where management and sign-in are served over HTTPS [default: 127.0.0.1:9443].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) management: Option<String>,
    /// Where status and metrics are served over plain HTTP, or `off` [default: 127.0.0.1:9180].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) admin: Option<String>,
    /// Worker threads of the gateway; 0 is one per core.
    #[arg(long, value_name = "N")]
    pub(crate) workers: Option<usize>,
    /// The least important events that are logged: error, warn, info, debug.
    #[arg(long, value_name = "LEVEL")]
    pub(crate) log_level: Option<String>,
    /// How events are logged on standard error: text, json.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) log_format: Option<String>,
    /// How exchanges are logged on standard output: off, text, json.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) access_log: Option<String>,
}

/// `tollgate status`
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The node's admin address.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9180", env = "TOLLGATE_ADMIN_HTTP")]
    pub(crate) admin: String,
    /// Prints the node's answer as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// `tollgate keys`
#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// What to do with them.
    #[command(subcommand)]
    pub(crate) command: KeysCommand,
}

/// The subcommands of `tollgate keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a new key and seals every secret with it; a running node goes on serving.
    Rotate {
        /// The node's admin address.
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9180", env = "TOLLGATE_ADMIN_HTTP")]
        admin: String,
        /// The node's folder: its admin token proves that you may.
        #[arg(long, value_name = "DIR", default_value = "tollgate-data", env = "TOLLGATE_DATA")]
        data: PathBuf,
    },
}

/// `tollgate credential`
#[derive(Debug, Args)]
pub(crate) struct Credential {
    /// What to do with it.
    #[command(subcommand)]
    pub(crate) command: CredentialCommand,
}

/// The subcommands of `tollgate credential`.
#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Makes a principal with a role and prints how it signs in; the node must be stopped.
    Create {
        /// What people know it by.
        #[arg(long)]
        name: String,
        /// A built-in role, such as Reader, Contributor or "API Management Service Contributor".
        #[arg(long)]
        role: String,
        /// The id of what the role is given on, and on all below it [default: the node's subscription].
        #[arg(long, value_name = "ID")]
        scope: Option<String>,
        /// The node's folder.
        #[arg(long, value_name = "DIR", default_value = "tollgate-data", env = "TOLLGATE_DATA")]
        data: PathBuf,
    },
    /// Replaces the administrator's secret and prints the new one; the node must be stopped.
    Reset {
        /// The node's folder.
        #[arg(long, value_name = "DIR", default_value = "tollgate-data", env = "TOLLGATE_DATA")]
        data: PathBuf,
    },
}

/// `tollgate eval`
#[derive(Debug, Args)]
pub(crate) struct Eval {
    /// The expression, `@(…)` or `@{…}`.
    pub(crate) expression: String,
    /// A JSON file that says what `context` holds.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: Option<PathBuf>,
    /// Prints type and value, or the error, as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
