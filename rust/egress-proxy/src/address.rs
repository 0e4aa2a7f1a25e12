//! What kind of place an address is: twin of `src/shared/addresses.ts`, which says where the ranges
//! come from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kinds. Only `Public` is somebody else's machine on the open network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Public,
    Loopback,
    Private,
    LinkLocal,
    Shared,
    Benchmark,
    Metadata,
    Multicast,
    Broadcast,
    Unspecified,
    Reserved,
}

impl Kind {
    /// Its name, as TypeScript has it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Public => "public",
            Kind::Loopback => "loopback",
            Kind::Private => "private",
            Kind::LinkLocal => "link-local",
            Kind::Shared => "shared",
            Kind::Benchmark => "benchmark",
            Kind::Metadata => "metadata",
            Kind::Multicast => "multicast",
            Kind::Broadcast => "broadcast",
            Kind::Unspecified => "unspecified",
            Kind::Reserved => "reserved",
        }
    }

    /// Whether it may be dialled; `open` says that networks of one's own may.
    pub fn may_dial(self, open: bool) -> bool {
        match self {
            Kind::Public => true,
            Kind::Loopback | Kind::Private | Kind::LinkLocal | Kind::Shared | Kind::Benchmark => {
                open
            }
            _ => false,
        }
    }
}

// The first range that holds decides.
const RANGES_4: &[([u8; 4], u32, Kind)] = &[
    ([169, 254, 169, 254], 32, Kind::Metadata),
    ([169, 254, 170, 2], 32, Kind::Metadata),
    ([169, 254, 170, 23], 32, Kind::Metadata),
    ([100, 100, 100, 200], 32, Kind::Metadata),
    ([192, 0, 0, 192], 32, Kind::Metadata),
    ([168, 63, 129, 16], 32, Kind::Metadata),
    ([0, 0, 0, 0], 8, Kind::Unspecified),
    ([10, 0, 0, 0], 8, Kind::Private),
    ([100, 64, 0, 0], 10, Kind::Shared),
    ([127, 0, 0, 0], 8, Kind::Loopback),
    ([169, 254, 0, 0], 16, Kind::LinkLocal),
    ([172, 16, 0, 0], 12, Kind::Private),
    ([192, 0, 0, 0], 24, Kind::Reserved),
    ([192, 0, 2, 0], 24, Kind::Reserved),
    ([192, 88, 99, 0], 24, Kind::Reserved),
    ([192, 168, 0, 0], 16, Kind::Private),
    ([198, 18, 0, 0], 15, Kind::Benchmark),
    ([198, 51, 100, 0], 24, Kind::Reserved),
    ([203, 0, 113, 0], 24, Kind::Reserved),
    ([224, 0, 0, 0], 4, Kind::Multicast),
    ([255, 255, 255, 255], 32, Kind::Broadcast),
    ([240, 0, 0, 0], 4, Kind::Reserved),
];

const RANGES_6: &[([u16; 8], u32, Kind)] = &[
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, Kind::Metadata),
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128, Kind::Metadata),
    ([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, Kind::Metadata),
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, Kind::Unspecified),
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Kind::Loopback),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Kind::Private),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Kind::Private),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, Kind::LinkLocal),
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Kind::Multicast),
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Kind::Reserved),
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Kind::Benchmark),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Kind::Reserved),
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Kind::Reserved),
    ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3, Kind::Public),
    ([0, 0, 0, 0, 0, 0, 0, 0], 0, Kind::Reserved),
];

/// How an IPv6 address carries an IPv4 one.
struct Carrier {
    network: [u16; 8],
    bits: u32,
    /// The bit that the carried address ends before, counted from the lowest.
    shift: u32,
    inverted: bool,
    /// What it is where a public address is carried.
    otherwise: Kind,
}

const fn carrier(network: [u16; 8], bits: u32, shift: u32, otherwise: Kind) -> Carrier {
    Carrier {
        network,
        bits,
        shift,
        inverted: false,
        otherwise,
    }
}

const CARRIERS: &[Carrier] = &[
    carrier([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, 0, Kind::Public),
    carrier([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, 0, Kind::Public),
    carrier([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, 0, Kind::Public),
    carrier([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, 0, Kind::Private),
    carrier([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, 80, Kind::Public),
    Carrier {
        network: [0x2001, 0, 0, 0, 0, 0, 0, 0],
        bits: 32,
        shift: 0,
        inverted: true,
        otherwise: Kind::Public,
    },
    carrier([0; 8], 96, 0, Kind::Reserved),
];

/// The kind of an address.
pub fn kind(address: IpAddr) -> Kind {
    match address {
        IpAddr::V4(address) => kind_of_4(address),
        IpAddr::V6(address) => kind_of_6(address),
    }
}

fn kind_of_4(address: Ipv4Addr) -> Kind {
    let found = RANGES_4.iter().find(|(network, bits, _)| {
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        (u32::from(address) ^ u32::from_be_bytes(*network)) & mask == 0
    });
    found.map_or(Kind::Public, |range| range.2)
}

fn within(address: Ipv6Addr, network: &[u16; 8], bits: u32) -> bool {
    let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
    (u128::from(address) ^ u128::from(Ipv6Addr::from(*network))) & mask == 0
}

fn kind_of_6(address: Ipv6Addr) -> Kind {
    let found = RANGES_6
        .iter()
        .find(|(network, bits, _)| within(address, network, *bits));
    let own = found.map_or(Kind::Public, |range| range.2);
    if matches!(own, Kind::Metadata | Kind::Unspecified | Kind::Loopback) {
        return own;
    }
    let Some(carrier) = CARRIERS
        .iter()
        .find(|one| within(address, &one.network, one.bits))
    else {
        return own;
    };
    let low = u32::try_from((u128::from(address) >> carrier.shift) & 0xffff_ffff);
    let inner = low.unwrap_or(0);
    match kind_of_4(Ipv4Addr::from(if carrier.inverted {
        !inner
    } else {
        inner
    })) {
        Kind::Public => carrier.otherwise,
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_of_every_spelling() {
        for (text, expected) in [
            ("93.184.215.14", "public"),
            ("169.254.169.254", "metadata"),
            ("::ffff:169.254.169.254", "metadata"),
            ("64:ff9b::a9fe:a9fe", "metadata"),
            ("2002:7f00:1::", "loopback"),
            ("2001::80ff:fffe", "loopback"),
            ("::10.0.0.1", "private"),
            ("64:ff9b:1::5db8:d70e", "private"),
            ("fd12::1", "private"),
            ("fe80::1", "link-local"),
            ("0.0.0.0", "unspecified"),
            ("255.255.255.255", "multicast"),
            ("2606:2800:21f::1", "public"),
        ] {
            let expected = if text == "255.255.255.255" {
                "broadcast"
            } else {
                expected
            };
            assert_eq!(kind(text.parse().unwrap()).name(), expected, "{text}");
        }
    }
}
