//! `tollgate status`: is a node running, and has it published everything it took?

use std::{
    io::{Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use serde_json::Value;

use crate::{arguments::Status, output::Failed};

/// Prints the node's state; fails if there is no node or it is not well.
pub(crate) fn run(arguments: &Status) -> Result<(), Failed> {
    let answer = request(&arguments.admin, "GET", "/status", "")?;
    let status: Value = serde_json::from_str(&answer).map_err(|error| {
        Failed::new(format!("{} answers, but not as a Tollgate node does: {error}", arguments.admin))
    })?;
    if arguments.json {
        println!("{status:#}");
    } else {
        print(&status);
    }
    match status["healthy"].as_bool() {
        Some(true) => Ok(()),
        _ => Err(Failed::new("the node runs, but not everything is as it should be (see above)")),
    }
}

fn print(status: &Value) {
    let line = |name: &str, value: &Value| match value {
        Value::Null => {}
        Value::String(text) => println!("{name:<11} {text}"),
        other => println!("{name:<11} {other}"),
    };
    let position = |position: &Value| position.as_u64().map_or(Value::Null, |at| format!("position {at}").into());
    line("version", &status["version"]);
    println!("up          {} s", status["uptimeSeconds"]);
    line("name", &status["name"]);
    line("gateway", &status["gateway"]);
    line("management", &status["management"]);
    let node = &status["node"];
    if node.is_object() {
        let text = |name: &str| node[name].as_str().unwrap_or_default();
        println!("node        {} {}", text("endpoint"), text("state"));
        line("", &node["message"]);
        line("told", &position(&node["position"]));
        line("documents", &status["documents"]);
    }
    line("store", &position(&status["stored"]));
    line("snapshot", &position(&status["published"]));
    if let Some(why) = status["unsaved"].as_str() {
        println!("UNSAVED     what is served is in memory only: {why}");
    }
    for service in status["services"].as_array().into_iter().flatten() {
        line("service", service);
    }
    for gateway in status["gateways"].as_array().into_iter().flatten() {
        println!(
            "self-hosted {} ({}), version {}, position {}, up {} s, {} connections, heard of {} s ago",
            gateway["name"].as_str().unwrap_or_default(),
            gateway["instance"].as_str().unwrap_or_default(),
            gateway["version"].as_str().unwrap_or_default(),
            gateway["position"],
            gateway["uptimeSeconds"],
            gateway["openConnections"],
            gateway["secondsSinceHeartbeat"]
        );
    }
    for open in status["openBreakers"].as_array().into_iter().flatten() {
        println!(
            "backend     {} is left alone for {} s: its circuit breaker is open",
            open["id"].as_str().unwrap_or_default(),
            open["retryAfterSeconds"]
        );
    }
    for fault in status["faults"].as_array().into_iter().flatten() {
        println!(
            "FAULT       {}: {}",
            fault["id"].as_str().unwrap_or_default(),
            fault["message"].as_str().unwrap_or_default()
        );
    }
}

/// One plain HTTP call to the node's admin address; the body of a 200.
pub(crate) fn request(admin: &str, method: &str, path: &str, token: &str) -> Result<String, Failed> {
    const PATIENCE: Duration = Duration::from_secs(30);
    // The start prints it as a URL, so that is what people give back.
    let admin = admin.strip_prefix("http://").unwrap_or(admin).trim_end_matches('/');
    let unreachable = |error: std::io::Error| {
        Failed::new(format!(
            "no node answers at {admin} ({error}); start one with `tollgate serve`, or name its address with --admin"
        ))
    };
    let address = admin.to_socket_addrs().map_err(unreachable)?.next();
    let address = address.ok_or_else(|| Failed::usage(format!("`{admin}` is not an address")))?;
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(3)).map_err(unreachable)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(unreachable)?;
    let bearer = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: {admin}\r\nContent-Length: 0\r\nConnection: close\r\n{bearer}\r\n");
    stream.write_all(head.as_bytes()).map_err(unreachable)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).map_err(unreachable)?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let line = head.lines().next().unwrap_or_default();
    match line.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        _ => Err(Failed::new(format!("{admin} answered `{line}` to {method} {path}: {}", body.trim()))),
    }
}
