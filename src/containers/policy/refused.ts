/**
 * The fields of a spec, and what is known from engines and never given, in every spelling that people try, with why.
 *
 * @module
 */

import type { ContainerSpec } from "./types.ts";

/** Every field of a spec; one that is missing here is a type error. */
const FIELDS: Readonly<Record<keyof ContainerSpec, true>> = {
  profile: true,
  kind: true,
  image: true,
  name: true,
  command: true,
  entrypoint: true,
  workdir: true,
  user: true,
  env: true,
  labels: true,
  ownership: true,
  hostname: true,
  stdin: true,
  tty: true,
  limits: true,
  writableRoot: true,
  tmpfs: true,
  mounts: true,
  network: true,
  ports: true,
  exposeToNetwork: true,
  hosts: true,
  dns: true,
  capAdd: true,
  gpu: true,
  runtime: true,
  healthCheck: true,
  stopSignal: true,
  stopSeconds: true,
};

/** The names of all fields. */
export const SPEC_FIELDS = Object.keys(FIELDS) as readonly (keyof ContainerSpec)[];

const NAMESPACE = "every container has namespaces of its own";
const DEVICE = "no device of the machine is given away; graphics processors come by gpu: true";
const WEAKER = "the profiles are set here and cannot be weakened";
const OTHERS = "a container has nothing of another one";

/** Fields that are refused, and why. */
export const SPEC_REFUSED: Readonly<Record<string, string>> = {
  privileged: "a privileged container is the machine",
  pid: NAMESPACE,
  pidMode: NAMESPACE,
  ipc: NAMESPACE,
  ipcMode: NAMESPACE,
  uts: NAMESPACE,
  utsMode: NAMESPACE,
  userns: NAMESPACE,
  usernsMode: NAMESPACE,
  cgroupns: NAMESPACE,
  cgroupnsMode: NAMESPACE,
  networkMode: "use network",
  devices: DEVICE,
  deviceRequests: DEVICE,
  deviceCgroupRules: DEVICE,
  securityOpt: WEAKER,
  seccomp: WEAKER,
  apparmor: WEAKER,
  capDrop: "all capabilities are dropped already; capAdd names those to keep",
  maskedPaths: WEAKER,
  readonlyPaths: WEAKER,
  sysctls: "settings of the kernel are not given away",
  cgroupParent: "a container has limits of its own, in the engine's place for them",
  volumesFrom: OTHERS,
  links: OTHERS,
  binds: "use mounts",
  volumes: "use mounts",
  restart: "what ended is not started again behind one's back",
  restartPolicy: "what ended is not started again behind one's back",
  init: "every container has an init",
  hostConfig: "the engine's own JSON is not taken",
  publishAllPorts: "name the ports",
  oomKillDisable: WEAKER,
  runArgs: "flags of a command line are not taken",
};
