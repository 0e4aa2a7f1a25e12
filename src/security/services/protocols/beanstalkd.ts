/** beanstalkd and Gearman: text commands about themselves. @module */

import { bytesOf, found, latin1 } from "../bytes.ts";
import { type Protocol, type Reading, reading } from "./protocol.ts";

export const beanstalkd: Protocol = {
  name: "beanstalkd",
  transport: "tcp",
  ports: [11300],
  question: { send: bytesOf("stats\r\n") },
  read(answer, asked): Reading | null {
    const text = latin1(answer);
    if (/^OK [0-9]+\r\n---\n/.test(text) && text.includes("current-jobs-ready")) {
      return reading(
        "beanstalkd",
        "certain",
        "beanstalkd",
        found(text, /\nversion: "?([\w.+-]{1,40})/),
      );
    }
    return asked !== "" && /^(?:UNKNOWN_COMMAND\r\n)+/.test(text)
      ? reading("beanstalkd", "likely", "beanstalkd")
      : null;
  },
};

export const gearman: Protocol = {
  name: "gearman",
  transport: "tcp",
  ports: [4730],
  question: { send: bytesOf("version\r\n") },
  read(answer, asked): Reading | null {
    const version = found(latin1(answer), /^OK ([0-9][\w.]{0,20})\r?\n$/);
    return asked === "gearman" && version !== null
      ? reading("gearman", "likely", "Gearman", version)
      : null;
  },
};
