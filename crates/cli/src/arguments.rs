//! What can be typed after `tollgate`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
  tollgate gateway --help                a gateway of its own, fed by a management node
  tollgate status                        is it running, and has it published everything?
  tollgate eval '@(1 + 2)'               what a policy expression gives
  tollgate policy check policies         what is wrong with policy documents
  tollgate policy test policies          do they do what their tests say?";

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the gateway, the management API and sign-in.
    Serve(Serve),
    /// Runs the data plane alone, fed by a management node: the self-hosted gateway.
    Gateway(Gateway),
    /// Shows whether a node or gateway runs and what it has published. Exit code 1 if it does not.
    Status(Status),
    /// Works with the keys that seal secrets in the store.
    Keys(Keys),
    /// Works with the credentials that sign in.
    Credential(Credential),
    /// Evaluates a policy expression.
    Eval(Eval),
    /// Checks, formats, runs and tests policy documents, without a server.
    Policy(Policy),
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
    /// Where management and sign-in are served over HTTPS [default: 127.0.0.1:9443].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) management: Option<String>,
    /// What a gateway of its own has, too.
    #[command(flatten)]
    pub(crate) plane: PlaneFlags,
    /// Takes over from the node that runs on the same folder, without refusing a connection; starts as usual where none runs.
    #[arg(long)]
    pub(crate) take_over: bool,
}

/// What `tollgate serve` and `tollgate gateway` share.
#[derive(Debug, Args)]
pub(crate) struct PlaneFlags {
    /// Where the gateway serves plain HTTP, or `off` [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) gateway_http: Option<String>,
    /// Where the gateway serves HTTPS, or `off` [default: 127.0.0.1:8443].
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) gateway_https: Option<String>,
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

const GATEWAY_HELP: &str = "The management node makes the gateway and its token (docs/self-hosted-gateway.md shows every call):
  PUT  …/service/{name}/gateways/edge
  PUT  …/service/{name}/gateways/edge/apis/{api}
  POST …/service/{name}/gateways/edge/generateToken   {\"keyType\":\"primary\",\"expiry\":\"2026-12-31T00:00:00Z\"}

The token is a secret, so it comes from the environment or from a file, never from a flag:
  set config.service.endpoint and config.service.auth as Azure's container has them (env, docker -e, Kubernetes), or
  export TOLLGATE_CONFIG_SERVICE_ENDPOINT=https://node.example:9443
  export TOLLGATE_CONFIG_SERVICE_AUTH='GatewayKey edge&202612310000&…'

The node's certificate must be vouched for: copy ca.pem out of the folder of the node, and name it with --ca.

What the gateway was told last lies sealed in its folder. While the node is away, and after a restart meanwhile, it serves that.

Examples:
  tollgate gateway --endpoint https://node.example:9443 --auth-file /run/secrets/token --ca node-ca.pem
  tollgate gateway --gateway-http [::]:80 --gateway-https off
  tollgate status --admin 127.0.0.1:9180";

/// `tollgate gateway`
#[derive(Debug, Args)]
#[command(after_help = GATEWAY_HELP)]
pub(crate) struct Gateway {
    /// A TOML file of settings.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of the documents, sealed, and of the gateway's certificates [default: tollgate-gateway].
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// The management address of the node: https://…
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint: Option<String>,
    /// A file with the gateway's token. It is read again when the node refuses the token.
    #[arg(long, value_name = "FILE")]
    pub(crate) auth_file: Option<String>,
    /// A file with the certificates (PEM) that may vouch for the node [default: those of the system].
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<String>,
    /// A file with the secret that seals the documents, made if it is not there [default: the token seals them].
    #[arg(long, value_name = "FILE")]
    pub(crate) seal_file: Option<String>,
    /// What a node has, too.
    #[command(flatten)]
    pub(crate) plane: PlaneFlags,
    /// Takes over from the gateway that runs on the same folder, without refusing a connection; starts as usual where none runs.
    #[arg(long)]
    pub(crate) take_over: bool,
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

/// `tollgate policy`
#[derive(Debug, Args)]
pub(crate) struct Policy {
    /// What to do with them.
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

/// The subcommands of `tollgate policy`.
#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Says what is wrong with policy documents: elements, attributes, places, C#. Exit code 1 if one must be refused.
    Check(Check),
    /// Lays policy documents out: one element a line. Expressions, texts and comments stay as they are.
    Fmt(Fmt),
    /// Runs one document on one request and prints the response and the trace.
    Run(Run),
    /// Runs the tests that lie beside documents. Exit code 1 if one fails.
    Test(Test),
}

const CHECK_HELP: &str =
    "What a document names and the folder lacks (a named value, a fragment, a backend, a certificate, a logger), and
policies that Tollgate does not run yet, are warnings; with --strict they are errors.

Whose document it is follows from folders (apis/orders/operations/get/policy.xml) and names (orders.api.xml,
global.xml); a document that does not say is checked for the scope that suits it best.

Exit codes: 0 nothing is refused, 1 something is, 2 a file cannot be read.

Examples:
  tollgate policy check policies
  tollgate policy check --scope product starter.xml
  tollgate policy check --format sarif policies > policies.sarif";

/// `tollgate policy check`
#[derive(Debug, Args)]
#[command(after_help = CHECK_HELP)]
pub(crate) struct Check {
    /// Files, or folders with files that end with .xml.
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// Whose documents these are: global, workspace, product, api, operation.
    #[arg(long)]
    pub(crate) scope: Option<String>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(crate) format: CheckFormat,
    /// Takes warnings for errors.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How findings are printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum CheckFormat {
    /// With the source line, for people.
    Human,
    /// For programs.
    Json,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
}

/// `tollgate policy fmt`
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  tollgate policy fmt policies\n  tollgate policy fmt --check policies   exit code 1 if a file would change"
)]
pub(crate) struct Fmt {
    /// Files, or folders with files that end with .xml.
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) paths: Vec<PathBuf>,
    /// Changes nothing and names the files that would change.
    #[arg(long)]
    pub(crate) check: bool,
}

const RUN_HELP: &str = "Requests and responses are HTTP text:
  GET /orders/7 HTTP/1.1
  Accept: application/json

The document stands above the default global policy, so an API's document calls the backend. Without --backend it gets
an empty 200. docs/policy-testing.md says what a context file may hold.

Examples:
  tollgate policy run orders.xml --request get.http
  tollgate policy run orders.xml --request get.http --backend answer.http --named-value env=prod
  tollgate policy run orders.xml --request get.http --backend http://localhost:5000 --format json";

/// `tollgate policy run`
#[derive(Debug, Args)]
#[command(after_help = RUN_HELP)]
pub(crate) struct Run {
    /// The document.
    pub(crate) document: PathBuf,
    /// A file with the request, as HTTP text.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// What the backend answers, as HTTP text; or the URL of a real one.
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) backend: Option<String>,
    /// A JSON or YAML file that says what `context` holds.
    #[arg(long, value_name = "FILE")]
    pub(crate) context: Option<PathBuf>,
    /// Whose document it is: global, workspace, product, api, operation [default: what its path says, or else api].
    #[arg(long)]
    pub(crate) scope: Option<String>,
    /// A named value; may be given several times.
    #[arg(long = "named-value", value_name = "NAME=VALUE")]
    pub(crate) named_values: Vec<String>,
    /// A backend entity that the document names; may be given several times.
    #[arg(long = "entity", value_name = "ID=URL")]
    pub(crate) entities: Vec<String>,
    /// Files or folders with fragments, besides the folder `fragments` beside the document.
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) fragments: Vec<PathBuf>,
    /// How the outcome is printed.
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    pub(crate) format: TextFormat,
}

/// How something is printed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TextFormat {
    /// For people.
    Human,
    /// For programs.
    Json,
}

const TEST_HELP: &str =
    "Test files end with .test.yaml and lie beside the documents. docs/policy-testing.md describes them.

Examples:
  tollgate policy test policies
  tollgate policy test --filter 'without a key' policies
  tollgate policy test --junit results.xml --coverage coverage.info policies";

/// `tollgate policy test`
#[derive(Debug, Args)]
#[command(after_help = TEST_HELP)]
pub(crate) struct Test {
    /// Folders with test files, or test files [default: the current folder].
    #[arg(value_name = "DIR|FILE")]
    pub(crate) paths: Vec<PathBuf>,
    /// Only tests that have this in their names, or in the paths of their files.
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
    /// Writes the results as JUnit XML.
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Writes what the tests reached: as lcov, or as JSON if the name ends with .json.
    #[arg(long, value_name = "FILE")]
    pub(crate) coverage: Option<PathBuf>,
    /// How the results are printed.
    #[arg(long, value_enum, default_value_t = TextFormat::Human)]
    pub(crate) format: TextFormat,
}
