/**
 * From a template and options to what is made of it: a spec, a network, volumes and a secret, all with their names and
 * labels. Nothing is asked of the engine yet, so that every wrong option is an error before anything is made.
 *
 * @module
 */

import {
  checkBoolean,
  checkStrings,
  checkWord,
  shown,
  wholeNumber,
  wrongType,
} from "../../shared/arguments.ts";
import {
  acceptedWeaker,
  type ContainerLimits,
  type ContainerMount,
  type ContainerSpec,
  type ControlName,
  environment,
  knownFields,
  labelsOf,
  LIMIT_NAMES,
  objectName,
  type Owner,
  ownerLabels,
  suggestion,
  userIds,
} from "../policy/mod.ts";
import {
  type FilledTemplate,
  fillTemplate,
  readWait,
  type Template,
  type WaitFor,
} from "../templates/mod.ts";
import { readPorts } from "./port_options.ts";
import { newId, newToken } from "./secret.ts";
import { DEPLOYMENT_LABEL, secretVolume } from "./things.ts";
import type { DeployOptions } from "./types.ts";

/** The label of its template. */
export const TEMPLATE_LABEL = "agent.template";

const FIELDS: Readonly<Record<keyof DeployOptions, true>> = {
  options: true,
  name: true,
  ports: true,
  exposeToNetwork: true,
  env: true,
  limits: true,
  capabilities: true,
  gpu: true,
  mounts: true,
  volumes: true,
  join: true,
  runtime: true,
  wait: true,
  ttlMs: true,
  idleMs: true,
  detach: true,
  swarm: true,
  acceptWeaker: true,
  lockFile: true,
  buildNetwork: true,
  onProgress: true,
  signal: true,
};

const REFUSED: Readonly<Record<string, string>> = {
  privileged: "a privileged container is the machine",
  devices: "no device of the machine is given away; graphics processors come by gpu: true",
  securityOpt: "the profiles are set by the policy",
  capAdd: "use capabilities, with the names that the template lists",
  network: "the template says which; join is for another deployment's",
  user: "the template says which",
};

/** The longest life: a timer counts no further. */
const MOST_MS = 366 * 86_400_000;

/** A volume of a deployment. */
export interface PlannedVolume {
  readonly name: string;
  readonly target: string;
  /** Whether it is left when the deployment is removed. */
  readonly kept: boolean;
}

/** What is made. */
export interface DeployPlan {
  readonly id: string;
  readonly name: string;
  readonly filled: FilledTemplate;
  /** The spec, but for its image. */
  readonly spec: Omit<ContainerSpec, "image">;
  /** The labels of all that belongs to it. */
  readonly labels: Readonly<Record<string, string>>;
  /** A network that is made for it; null if it has none or joins another's. */
  readonly network: { readonly name: string; readonly internal: boolean } | null;
  readonly join: string | null;
  readonly volumes: readonly PlannedVolume[];
  /** Empty never; null if the template has none. */
  readonly token: string | null;
  /** The file that the token is handed over in, and the volume that holds it. */
  readonly secret: {
    readonly volume: string;
    readonly folder: string;
    readonly file: string;
    readonly uid: number;
    readonly gid: number;
  } | null;
  readonly wait: WaitFor;
  /** Milliseconds that it lives from when it is ready; null: it has no end. */
  readonly ttlMs: number | null;
  readonly idleMs: number | null;
  readonly detached: boolean;
  readonly replicas: number | null;
  readonly acceptWeaker: readonly ControlName[];
  /** What must not be shown. */
  readonly secrets: readonly string[];
}

/**
 * Plans a deployment.
 *
 * @param template What is deployed.
 * @param options How.
 * @param owner Whose it is.
 * @param nowMs The time, milliseconds since 1970.
 * @throws {TypeError | RangeError} For an option that is wrong or not allowed.
 */
export function planDeployment(
  template: Template,
  options: DeployOptions,
  owner: Owner,
  nowMs: number,
): DeployPlan {
  const fields = knownFields(options, "options", Object.keys(FIELDS), REFUSED) as DeployOptions;
  const filled = fillTemplate(template, fields.options);
  const id = newId();
  const name = fields.name === undefined
    ? `agent-${template.id}-${id}`.slice(0, 63)
    : objectName(fields.name, "options.name");
  const detached = flag(fields.detach, "options.detach");
  const replicas = replicasOf(fields.swarm);
  // A misspelt word would give the network that was to be kept from it.
  const { buildNetwork = "default" } = fields;
  checkWord(buildNetwork, "options.buildNetwork", ["default", "none"]);
  const life = lifeOf(fields, detached, replicas !== null);
  const token = template.token === null ? null : newToken();
  const asked = capabilitiesOf(template, fields.capabilities);
  const user = asked.length === 0 ? template.user : "0:0";
  const tokenFile = template.token !== null && "file" in template.token
    ? template.token.file
    : null;
  const labels = labelsOf(
    {
      ...ownerLabels(owner, "deployment", { createdMs: nowMs, detached }),
      [DEPLOYMENT_LABEL]: id,
      [TEMPLATE_LABEL]: template.id,
    },
    "labels",
    true,
  );
  const secret = tokenFile === null
    ? null
    : { ...userIds(user, "user"), ...secretPlace(tokenFile), volume: secretVolume(id) };
  const volumes = volumesOf(template, fields.volumes, id);
  const env = {
    ...template.env,
    ...filled.env,
    ...givenEnvironment(fields.env),
    ...(token !== null && "env" in template.token! ? { [template.token.env]: token } : {}),
  };
  const join = fields.join === undefined ? null : joinOf(fields.join, template);
  const network = template.network === "none" || join !== null
    ? null
    : { name: `agent-${id}`, internal: template.network === "internal" };
  const spec: Omit<ContainerSpec, "image"> = {
    profile: template.profile,
    kind: "deployment",
    name,
    user,
    env,
    ownership: labels,
    limits: { ...template.limits, ...limitsOf(fields.limits) },
    writableRoot: template.writableRoot,
    mounts: [...mountsOf(volumes, secret, labels), ...bindsOf(fields.mounts)],
    network: networkOf(template, network?.name ?? join, name),
    ports: readPorts(template, fields.ports),
    exposeToNetwork: flag(fields.exposeToNetwork, "options.exposeToNetwork"),
    capAdd: asked,
    gpu: fields.gpu ?? filled.gpu,
    // Without a way out no question of names gets out either.
    ...(template.network === "internal" ? { dns: ["127.0.0.1"] } : {}),
    ...(template.workdir === null ? {} : { workdir: template.workdir }),
    ...(template.command === null ? {} : { command: template.command }),
    ...(template.entrypoint === null ? {} : { entrypoint: template.entrypoint }),
    ...(template.tmpfs.length === 0 ? {} : { tmpfs: template.tmpfs }),
    ...(template.healthCheck === null ? {} : { healthCheck: template.healthCheck }),
    ...(fields.runtime === undefined ? {} : { runtime: fields.runtime }),
  };
  return {
    id,
    name,
    filled,
    spec,
    labels,
    network,
    join,
    volumes,
    token,
    secret,
    wait: fields.wait === undefined ? template.wait : readWait(fields.wait, "options.wait"),
    ttlMs: life.ttlMs,
    idleMs: life.idleMs,
    detached,
    replicas,
    acceptWeaker: acceptedWeaker(fields.acceptWeaker),
    secrets: [...Object.values(fields.env ?? {}), ...(token === null ? [] : [token])],
  };
}

function lifeOf(
  { ttlMs, idleMs }: DeployOptions,
  detached: boolean,
  swarm: boolean,
): { ttlMs: number | null; idleMs: number | null } {
  const time = (value: unknown, name: string): number | null =>
    value === undefined ? null : wholeNumber(value, name, { least: 1, most: MOST_MS });
  const ttl = time(ttlMs, "options.ttlMs");
  const idle = time(idleMs, "options.idleMs");
  if (idle !== null && (detached || swarm)) {
    throw new RangeError(
      "options.idleMs is counted by this process, so it cannot be asked of one that outlives it; use ttlMs",
    );
  }
  return { ttlMs: ttl, idleMs: idle };
}

function capabilitiesOf(template: Template, value: unknown): string[] {
  if (value === undefined) return [];
  checkStrings(value, "options.capabilities");
  const known = template.capabilities.map(({ name }) => name);
  return value.map((word) => {
    const short = word.toUpperCase().replace(/^CAP_/, "");
    if (known.includes(short)) return short;
    throw new RangeError(
      `The template ${template.id} has no use for the capability ${shown(word)}${
        suggestion(short, known)
      }`,
    );
  });
}

function volumesOf(template: Template, value: unknown, id: string): PlannedVolume[] {
  const names = template.volumes.map((volume) => volume.name);
  const given = value === undefined ? {} : knownFields(value, "options.volumes", names);
  return template.volumes.map(({ name, target }) => {
    const kept = given[name];
    return kept === undefined
      ? { name: `agent-${id}-${name}`, target, kept: false }
      : { name: objectName(kept, `options.volumes.${name}`), target, kept: true };
  });
}

function mountsOf(
  volumes: readonly PlannedVolume[],
  secret: DeployPlan["secret"],
  labels: Readonly<Record<string, string>>,
): ContainerMount[] {
  const mounts: ContainerMount[] = volumes.map(({ name, target, kept }) => ({
    kind: "volume",
    name,
    target,
    // Without our labels nothing of ours removes it.
    ...(kept ? {} : { labels: { ...labels } }),
  }));
  if (secret === null) return mounts;
  return [
    ...mounts,
    { kind: "volume", name: secret.volume, target: secret.folder, labels: { ...labels } },
  ];
}

/** Folders of the machine; a volume is named by the template's word for it, so that it cannot be anybody's. */
function bindsOf(value: unknown): ContainerMount[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw wrongType("options.mounts", "an array", value);
  return Array.from<unknown>(value).map((mount, index) => {
    const name = `options.mounts[${index}]`;
    // A copy, so that what is looked at here is what is asked for; the policy judges the rest.
    const known = ["kind", "name", "source", "target", "readOnly", "labels"];
    const fields = knownFields(mount, name, known);
    checkWord(fields["kind"], `${name}.kind`, ["bind"]);
    return fields as unknown as ContainerMount;
  });
}

/** The volume stays writable to the engine, which puts the file there; its mode keeps the program from it. */
function secretPlace(path: string): { folder: string; file: string } {
  const at = path.lastIndexOf("/");
  return { folder: path.slice(0, at), file: path.slice(at + 1) };
}

function networkOf(
  template: Template,
  name: string | null,
  alias: string,
): ContainerSpec["network"] {
  if (template.network === "none" || name === null) return { kind: "none" };
  const aliases = /^[a-zA-Z0-9-]+$/.test(alias) ? [alias] : [];
  return { kind: template.network, name, aliases };
}

/** The network of another one; that it is of the same kind is looked at when it is joined. */
function joinOf(value: unknown, template: Template): string {
  if (template.network === "none") {
    throw new RangeError(`The template ${template.id} has no network, so it cannot join one`);
  }
  return objectName(value, "options.join");
}

function givenEnvironment(value: unknown): Record<string, string> {
  environment(value, "options.env");
  return { ...value as Record<string, string> | undefined };
}

function limitsOf(value: unknown): ContainerLimits {
  if (value === undefined) return {};
  const fields = knownFields(value, "options.limits", LIMIT_NAMES);
  // One that is left open takes nothing of the template's away.
  return Object.fromEntries(Object.entries(fields).filter(([, limit]) => limit !== undefined));
}

function replicasOf(value: unknown): number | null {
  if (value === undefined) return null;
  const { replicas } = knownFields(value, "options.swarm", ["replicas"]);
  return wholeNumber(replicas, "options.swarm.replicas", { least: 1, most: 10_000 });
}

function flag(value: unknown, name: string): boolean {
  if (value === undefined) return false;
  checkBoolean(value, name);
  return value;
}
