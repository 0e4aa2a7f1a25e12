/**
 * All protocols, in the order in which their questions are asked where the port's number says nothing: what answers
 * most often first.
 *
 * @module
 */

import type { Protocol } from "./protocol.ts";
import { amqp } from "./amqp.ts";
import { beanstalkd, gearman } from "./beanstalkd.ts";
import { cassandra } from "./cassandra.ts";
import { dns, dnsUdp } from "./dns.ts";
import { ftp } from "./ftp.ts";
import { git } from "./git.ts";
import { http } from "./http.ts";
import { imap } from "./imap.ts";
import { irc } from "./irc.ts";
import { kafka } from "./kafka.ts";
import { ldap } from "./ldap.ts";
import { memcached } from "./memcached.ts";
import { mongodb } from "./mongodb.ts";
import { mqtt } from "./mqtt.ts";
import { mysql } from "./mysql.ts";
import { nats } from "./nats.ts";
import { nntp, sieve } from "./nntp.ts";
import { ntp } from "./ntp.ts";
import { pop3 } from "./pop3.ts";
import { postgresql } from "./postgresql.ts";
import { rdp } from "./rdp.ts";
import { redis } from "./redis.ts";
import { rsync } from "./rsync.ts";
import { rtsp, sip, sipUdp } from "./rtsp.ts";
import { smb } from "./smb.ts";
import { smtp } from "./smtp.ts";
import { snmp } from "./snmp.ts";
import { socks } from "./socks.ts";
import { ssh } from "./ssh.ts";
import { telnet } from "./telnet.ts";
import { vnc } from "./vnc.ts";
import { x11 } from "./x11.ts";
import { xmpp } from "./xmpp.ts";
import { zookeeper } from "./zookeeper.ts";

/** Every protocol. A reader that comes first decides. */
export const PROTOCOLS: readonly Protocol[] = [
  ssh,
  http,
  smtp,
  ftp,
  imap,
  pop3,
  mysql,
  redis,
  postgresql,
  mongodb,
  dns,
  smb,
  rdp,
  ldap,
  vnc,
  amqp,
  mqtt,
  nats,
  memcached,
  rsync,
  telnet,
  kafka,
  zookeeper,
  cassandra,
  xmpp,
  rtsp,
  sip,
  git,
  beanstalkd,
  gearman,
  nntp,
  sieve,
  irc,
  x11,
  socks,
  dnsUdp,
  ntp,
  snmp,
  sipUdp,
];
