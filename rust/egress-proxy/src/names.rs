//! Names: those that the proxy resolves for itself, and the answers that the box gets.
//!
//! The box learns no address of the outside: each name that it may reach has the proxy's address, and
//! no other one exists. Nothing that it asks is passed on, so names carry nothing out.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
    ServerOrderingStrategy,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::{DNSClass, RData, Record, RecordType, rdata::A};
use tokio::net::UdpSocket;

use crate::proxy::Proxy;
use crate::rules;

/// Where the system names its servers.
const SYSTEM: &str = "/etc/resolv.conf";
/// How long the box may keep an answer, seconds.
const TTL: u32 = 60;

/// A resolver that asks these servers, or those of the system, and nothing else.
pub fn resolver(servers: &[SocketAddr], timeout: Duration) -> Result<TokioResolver, String> {
    let system;
    let servers = if servers.is_empty() {
        system = system_servers(&std::fs::read_to_string(SYSTEM).unwrap_or_default());
        &system
    } else {
        servers
    };
    if servers.is_empty() {
        return Err("there is no name server".into());
    }
    let configured = servers.iter().map(|server| {
        let mut connections = vec![ConnectionConfig::udp(), ConnectionConfig::tcp()];
        for connection in &mut connections {
            connection.port = server.port();
        }
        NameServerConfig::new(server.ip(), true, connections)
    });
    let config = ResolverConfig::from_name_servers(configured.collect());
    let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
    let options = builder.options_mut();
    options.use_hosts_file = ResolveHosts::Never;
    options.ip_strategy = LookupIpStrategy::Ipv4thenIpv6;
    // In their order, one after the other: the first is the engine's own, and one that is silent must leave time.
    options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
    options.num_concurrent_reqs = 1;
    options.timeout = timeout / 4;
    options.attempts = 1;
    // A name is checked each time; an answer that is kept only saves a question.
    options.positive_max_ttl = Some(Duration::from_secs(30));
    options.negative_max_ttl = Some(Duration::from_secs(1));
    builder.build().map_err(|error| error.to_string())
}

fn system_servers(text: &str) -> Vec<SocketAddr> {
    let server = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let address: IpAddr = match (words.next()?, words.next()?) {
            ("nameserver", address) => address.parse().ok()?,
            _ => return None,
        };
        Some(SocketAddr::new(address, 53))
    };
    text.lines().filter_map(server).take(3).collect()
}

/// Answers the box's questions.
pub async fn answer(proxy: Arc<Proxy>, socket: UdpSocket, own: Ipv4Addr) {
    let mut buffer = [0; 1500];
    loop {
        let Ok((length, from)) = socket.recv_from(&mut buffer).await else {
            // An answer that could not be delivered is reported here, and concerns no one else.
            continue;
        };
        let Ok(question) = Message::from_vec(&buffer[..length]) else {
            continue;
        };
        if let Some(reply) = reply(&proxy, &question, own) {
            let _ = socket.send_to(&reply, from).await;
        }
    }
}

fn reply(proxy: &Proxy, question: &Message, own: Ipv4Addr) -> Option<Vec<u8>> {
    if question.metadata.message_type != MessageType::Query {
        return None;
    }
    let mut reply = Message::response(question.metadata.id, question.metadata.op_code);
    reply.metadata.recursion_desired = question.metadata.recursion_desired;
    reply.metadata.recursion_available = true;
    let query = match question.queries.as_slice() {
        [query] if question.metadata.op_code == OpCode::Query => query,
        _ => {
            reply.metadata.response_code = ResponseCode::Refused;
            return reply.to_vec().ok();
        }
    };
    reply.add_query(query.clone());
    let host = rules::normal(&query.name().to_ascii());
    if !host.is_some_and(|host| proxy.config.rules.names(&host)) {
        reply.metadata.response_code = ResponseCode::NXDomain;
    } else if query.query_type() == RecordType::A && query.query_class() == DNSClass::IN {
        reply.add_answer(Record::from_rdata(
            query.name().clone(),
            TTL,
            RData::A(A(own)),
        ));
    }
    reply.to_vec().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_of_the_system() {
        let text = "# nameserver 192.0.2.1\nnameserver 127.0.0.11\nnameserver x\nsearch a\n nameserver ::1 # b\n";
        let found: Vec<String> = system_servers(text)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["127.0.0.11:53", "[::1]:53"]);
    }
}
