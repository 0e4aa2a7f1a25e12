/** MQTT 3.1.1: who connects without a name is told yes or no; a broker may publish its version. @module */

import { be16, bytesOf, concat, found, latin1, u8 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

const BODY = concat(be16(4), bytesOf("MQTT"), [4, 2], be16(10), be16(0));
const CONNECT = concat([0x10, BODY.length], BODY);
const TOPIC = "$SYS/broker/version";
const SUBSCRIPTION = concat(be16(1), be16(TOPIC.length), bytesOf(TOPIC), [0]);
const SUBSCRIBE = concat([0x82, SUBSCRIPTION.length], SUBSCRIPTION);
const REFUSALS: Readonly<Record<number, string>> = {
  1: "refuses protocol 3.1.1",
  2: "refuses the client's name",
  3: "not available",
  4: "asks for a login",
  5: "asks for a login",
};

export const mqtt: Protocol = {
  name: "mqtt",
  transport: "tcp",
  ports: [1883, 8883],
  question: { send: CONNECT, enough: (bytes) => bytes.length >= 4 },
  read(answer, asked): Reading | null {
    const code = u8(answer, 3);
    if (
      asked !== "mqtt" || u8(answer, 0) !== 0x20 || u8(answer, 1) !== 2 || u8(answer, 2) > 1 ||
      code < 0 || code > 5
    ) {
      return null;
    }
    return reading("mqtt", "certain", null, null, REFUSALS[code] ?? null);
  },
  follow: {
    greets: false,
    questions: [{ send: CONNECT, enough: (bytes) => bytes.length >= 4 }, {
      send: SUBSCRIBE,
      enough: (bytes) => latin1(bytes).includes(TOPIC),
    }],
    needed: ({ extra }) => extra === null,
    read(answer, known): Reading {
      const told = found(latin1(answer), /\$SYS\/broker\/version([ -~]{1,80})/);
      if (told === null) return known;
      const match = /^([\w -]{1,40}?) version v?([\w.+-]{1,40})/.exec(told);
      const product = match?.[1] ?? told;
      return reading(
        "mqtt",
        "certain",
        product === "mosquitto" ? "Mosquitto" : product,
        match?.[2] ?? null,
      );
    },
  },
};
