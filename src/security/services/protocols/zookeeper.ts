/** ZooKeeper: words of four letters; most servers allow `srvr`. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const zookeeper: Protocol = {
  name: "zookeeper",
  transport: "tcp",
  ports: [2181],
  question: { send: bytesOf("srvr") },
  read(answer, asked): Reading | null {
    const text = latin1(answer);
    const version = found(text, /^Zookeeper version: ([\w.]+)/);
    if (version !== null) return reading("zookeeper", "certain", "ZooKeeper", version);
    return asked === "zookeeper" && /^srvr is not executed because/.test(text)
      ? reading("zookeeper", "certain", "ZooKeeper")
      : null;
  },
};
