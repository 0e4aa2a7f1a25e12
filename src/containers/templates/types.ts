/**
 * What a template is: data that says how an image is built and how a container of it is held. Types only.
 *
 * @module
 */

import type { AgentError } from "../../shared/errors.ts";
import type {
  ContainerLimits,
  HealthCheck,
  Profile,
  PublishedPort,
  TmpfsMount,
} from "../policy/mod.ts";

/** What a value of an option must look like. */
export type OptionFormat = "image" | "word" | "packages" | "text";

/** Where the value of an option goes; it is a value there, and never a piece of a text that something reads. */
export type OptionTarget =
  | { readonly buildArg: string }
  | { readonly env: string }
  | { readonly gpu: true };

/** Something that can be chosen when a template is deployed; the shape of development containers. */
export interface TemplateOption {
  /** What its values are. */
  readonly type: "string" | "boolean";
  /** The only values that there are. */
  readonly enum?: readonly string[] | undefined;
  /** Values that make sense; others may. */
  readonly proposals?: readonly string[] | undefined;
  /** Its value where none is given. */
  readonly default: string | boolean;
  /** What it is, for people. */
  readonly description: string;
  /** Default `"word"`: letters, digits, dots, dashes and the like. */
  readonly format: OptionFormat;
  /** Where its value goes. */
  readonly to: OptionTarget;
}

/** A port that a template's program listens at. */
export interface TemplatePort {
  /** The port in the container. */
  readonly container: number;
  /** How it is spoken with. */
  readonly protocol: "tcp" | "udp";
  /** What it is: the key in `Deployment.urls`. */
  readonly name: string;
  /** null: no URL is made of it. */
  readonly scheme: "http" | "https" | null;
  /** The path of its URL. */
  readonly path: string;
  /** The parameter of the URL that takes the token; null if it is asked for in another way. */
  readonly query: string | null;
}

/** How the secret of a deployment reaches the program. */
export type TokenDelivery =
  /** A file that only its user can read, there before it starts. */
  | { readonly file: string }
  /** A variable, for programs that read no file; whoever may inspect the container sees it. */
  | { readonly env: string };

/** When a deployment is there. */
export type WaitFor =
  & (
    | { readonly port: number }
    | { readonly log: string }
    | { readonly healthy: true }
    | {
      readonly http: {
        readonly port: number;
        readonly path?: string;
        readonly status?: readonly number[] | undefined;
      };
    }
    | { readonly running: true }
  )
  & {
    /** Milliseconds until it is given up. Default 60,000. */
    readonly timeoutMs?: number;
  };

/** A capability that a template knows a use for; none is given unless it is asked for. */
export interface TemplateCapability {
  /** Its name, such as `NET_RAW`. */
  readonly name: string;
  /** What it is good for. */
  readonly reason: string;
}

/** A volume of a deployment. */
export interface TemplateVolume {
  /** Its name in the template. */
  readonly name: string;
  /** Where it is in the container. */
  readonly target: string;
}

/** Where a template comes from. */
export type TemplateSource = "built-in" | "folder" | "devcontainer";

/** A template: everything is there, with its default where nothing was said. */
export interface Template {
  /** The word that it is named by. */
  readonly id: string;
  /** Its own version. */
  readonly version: string;
  /** What people call it. */
  readonly name: string;
  /** What it is, for people. */
  readonly description: string;
  /** Where it comes from. */
  readonly source: TemplateSource;
  /** How a container of it is held: `service`, or `lab` without a way out. */
  readonly profile: Exclude<Profile, "sandbox">;
  /** What can be chosen, by name. */
  readonly options: Readonly<Record<string, TemplateOption>>;
  /** An image that is used as it is; null if one is built. */
  readonly image: string | null;
  /** What the image is built from, by path: `Dockerfile` and what it copies. Empty if `image` is said. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Who runs it, `uid:gid`. */
  readonly user: string;
  /** Where its program starts; null for the image's own. */
  readonly workdir: string | null;
  /** The arguments of its program; null for the image's own. */
  readonly command: readonly string[] | null;
  /** Its program; null for the image's own. */
  readonly entrypoint: readonly string[] | null;
  /** Variables of its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Ports that its program listens at. */
  readonly ports: readonly TemplatePort[];
  /** null: the program has no secret. */
  readonly token: TokenDelivery | null;
  /** Its volumes. */
  readonly volumes: readonly TemplateVolume[];
  /** Its folders in memory. */
  readonly tmpfs: readonly TmpfsMount[];
  /** Its bounds. */
  readonly limits: ContainerLimits;
  /** Whether its root can be written. */
  readonly writableRoot: boolean;
  /** Capabilities that it knows a use for. */
  readonly capabilities: readonly TemplateCapability[];
  /** What network it has: none, one without a way out, or one with. */
  readonly network: "none" | "internal" | "bridge";
  /** How its health is looked at; null for the image's own way. */
  readonly healthCheck: HealthCheck | null;
  /** What is waited for when it is deployed. */
  readonly wait: WaitFor;
  /** What was refused of a foreign description and left out, a sentence each. */
  readonly notes: readonly string[];
}

/** The values of a template's options. */
export type OptionValues = Readonly<Record<string, string | boolean>>;

/** A template with the values of its options in their places. */
export interface FilledTemplate {
  /** The template. */
  readonly template: Template;
  /** The values, defaults among them. */
  readonly values: OptionValues;
  /** What its build is given. */
  readonly buildArgs: Readonly<Record<string, string>>;
  /** Variables, those of options among them. */
  readonly env: Readonly<Record<string, string>>;
  /** Whether it has the graphics processors. */
  readonly gpu: boolean;
}

export type { PublishedPort };

/** A folder that stands where a template should, and is none. */
export interface RefusedTemplate {
  /** Its name, which would be the template's id. */
  readonly id: string;
  /** Why it is none. */
  readonly error: AgentError;
}
