/**
 * The engine's JSON about containers, images and their statistics, as far as it is read here. Every field may be
 * missing or null. Types only.
 *
 * @module
 */

type Maybe<T> = T | null | undefined;

/** A port in a list. */
export interface WirePort {
  IP?: Maybe<string>;
  PrivatePort?: Maybe<number>;
  PublicPort?: Maybe<number>;
  Type?: Maybe<string>;
}

/** A container in `GET /containers/json`. */
export interface WireListed {
  Id?: Maybe<string>;
  Names?: Maybe<string[]>;
  Image?: Maybe<string>;
  ImageID?: Maybe<string>;
  Command?: Maybe<string>;
  Created?: Maybe<number>;
  State?: Maybe<string>;
  Status?: Maybe<string>;
  Labels?: Maybe<Record<string, string>>;
  Ports?: Maybe<WirePort[]>;
}

/** A network of a container. */
export interface WireEndpoint {
  IPAddress?: Maybe<string>;
  GlobalIPv6Address?: Maybe<string>;
  MacAddress?: Maybe<string>;
  Gateway?: Maybe<string>;
}

/** `GET /containers/{id}/json`. */
export interface WireContainer {
  Id?: Maybe<string>;
  Name?: Maybe<string>;
  Image?: Maybe<string>;
  Created?: Maybe<string>;
  Path?: Maybe<string>;
  Args?: Maybe<string[]>;
  RestartCount?: Maybe<number>;
  State?: Maybe<{
    Status?: Maybe<string>;
    Running?: Maybe<boolean>;
    Paused?: Maybe<boolean>;
    OOMKilled?: Maybe<boolean>;
    Pid?: Maybe<number>;
    ExitCode?: Maybe<number>;
    Error?: Maybe<string>;
    StartedAt?: Maybe<string>;
    FinishedAt?: Maybe<string>;
    Health?: Maybe<{ Status?: Maybe<string> }>;
  }>;
  Config?: Maybe<{
    Image?: Maybe<string>;
    Env?: Maybe<string[]>;
    User?: Maybe<string>;
    WorkingDir?: Maybe<string>;
    Hostname?: Maybe<string>;
    Tty?: Maybe<boolean>;
    Labels?: Maybe<Record<string, string>>;
  }>;
  HostConfig?: Maybe<{
    Memory?: Maybe<number>;
    NanoCpus?: Maybe<number>;
    CpuQuota?: Maybe<number>;
    CpuPeriod?: Maybe<number>;
    PidsLimit?: Maybe<number>;
    Runtime?: Maybe<string>;
    LogConfig?: Maybe<{ Type?: Maybe<string> }>;
  }>;
  NetworkSettings?: Maybe<{
    Ports?: Maybe<Record<string, Maybe<{ HostIp?: Maybe<string>; HostPort?: Maybe<string> }[]>>>;
    Networks?: Maybe<Record<string, Maybe<WireEndpoint>>>;
  }>;
  Mounts?: Maybe<{
    Type?: Maybe<string>;
    Name?: Maybe<string>;
    Source?: Maybe<string>;
    Destination?: Maybe<string>;
    RW?: Maybe<boolean>;
  }[]>;
}

/** `GET /containers/{id}/stats`. */
export interface WireStats {
  read?: Maybe<string>;
  pids_stats?: Maybe<{ current?: Maybe<number>; limit?: Maybe<number> }>;
  cpu_stats?: Maybe<{
    cpu_usage?: Maybe<{ total_usage?: Maybe<number>; percpu_usage?: Maybe<number[]> }>;
    online_cpus?: Maybe<number>;
    throttling_data?: Maybe<{ periods?: Maybe<number>; throttled_periods?: Maybe<number> }>;
  }>;
  memory_stats?: Maybe<{
    usage?: Maybe<number>;
    limit?: Maybe<number>;
    stats?: Maybe<Record<string, number>>;
  }>;
  networks?: Maybe<Record<string, Maybe<Record<string, number>>>>;
  blkio_stats?: Maybe<{
    io_service_bytes_recursive?: Maybe<{ op?: Maybe<string>; value?: Maybe<number> }[]>;
  }>;
}

/** An image in `GET /images/json`, and in part `GET /images/{name}/json`. */
export interface WireImage {
  Id?: Maybe<string>;
  RepoTags?: Maybe<string[]>;
  RepoDigests?: Maybe<string[]>;
  Created?: Maybe<number | string>;
  Size?: Maybe<number>;
  Labels?: Maybe<Record<string, string>>;
  Os?: Maybe<string>;
  Architecture?: Maybe<string>;
  Config?: Maybe<{
    User?: Maybe<string>;
    WorkingDir?: Maybe<string>;
    Cmd?: Maybe<string[]>;
    Entrypoint?: Maybe<string[]>;
    Env?: Maybe<string[]>;
    ExposedPorts?: Maybe<Record<string, unknown>>;
    Labels?: Maybe<Record<string, string>>;
  }>;
  RootFS?: Maybe<{ Layers?: Maybe<string[]> }>;
}

/** A line of a build or a pull. */
export interface WireEvent {
  stream?: Maybe<string>;
  status?: Maybe<string>;
  id?: Maybe<string>;
  progressDetail?: Maybe<{ current?: Maybe<number>; total?: Maybe<number> }>;
  aux?: Maybe<{ ID?: Maybe<string>; Digest?: Maybe<string> }>;
  error?: Maybe<string>;
  errorDetail?: Maybe<{ message?: Maybe<string> }>;
}
