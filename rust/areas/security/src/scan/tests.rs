use std::net::TcpListener;

use agent_shared::Uncontrolled;

use super::*;

fn scan(ports: &str) -> Scan {
    Scan::from_json(&format!(
        r#"{{"addresses":["127.0.0.1"],"ports":{ports},"timeoutMs":500,"concurrency":4096,"rate":null,"hostRate":10,"limitMs":60000}}"#
    ))
    .unwrap()
}

fn run(scan: &Scan) -> Value {
    serde_json::from_slice(&scan.run(&Uncontrolled).unwrap()).unwrap()
}

#[test]
fn listeners_are_found_and_nothing_else_is_open() {
    let listeners: Vec<_> = (0..10)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let mut own: Vec<_> = listeners
        .iter()
        .map(|listener| u64::from(listener.local_addr().unwrap().port()))
        .collect();
    own.sort_unstable();
    let found = run(&scan("[[1,65535]]"));
    let host = &found["hosts"][0];
    let open: Vec<_> = host["ports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|port| port[0].as_u64().unwrap())
        .collect();
    for port in own {
        assert!(open.contains(&port), "{port} was lost");
    }
    let count = |state: &str| host["counts"][state].as_u64().unwrap();
    assert_eq!(count("open") + count("closed") + count("filtered"), 65_535);
    assert_eq!(count("unprobed"), 0);
}

#[test]
fn closed_ports_are_listed_where_asked_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let mut wanted = scan(&format!("[[{port},{port}]]"));
    assert_eq!(run(&wanted)["hosts"][0]["ports"], serde_json::json!([]));
    wanted.lists_all = true;
    let found = run(&wanted);
    assert_eq!(found["hosts"][0]["ports"][0][1], "closed");
    assert_eq!(found["hosts"][0]["ports"][0][2], "refused");
}

#[test]
fn a_request_that_is_none_is_refused() {
    for text in [
        "",
        "{}",
        r#"{"addresses":["localhost"],"ports":[[1,2]],"timeoutMs":1,"concurrency":1,"limitMs":1}"#,
        r#"{"addresses":["::1"],"ports":[[0,2]],"timeoutMs":1,"concurrency":1,"limitMs":1}"#,
        r#"{"addresses":["::1"],"ports":[[2,1]],"timeoutMs":1,"concurrency":1,"limitMs":1}"#,
        r#"{"addresses":["::1"],"ports":[[1,2],[2,3]],"timeoutMs":1,"concurrency":1,"limitMs":1}"#,
        r#"{"addresses":["::1"],"ports":[[1,2]],"timeoutMs":0,"concurrency":1,"limitMs":1}"#,
        r#"{"addresses":["::1"],"ports":[[1,2]],"timeoutMs":1,"concurrency":1,"limitMs":1,"rounds":0}"#,
        r#"{"addresses":["::1"],"ports":[[1,2]],"timeoutMs":1,"concurrency":1,"limitMs":1,"rounds":7}"#,
    ] {
        assert!(Scan::from_json(text).is_err(), "{text}");
    }
}
