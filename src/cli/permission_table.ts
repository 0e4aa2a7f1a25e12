/**
 * Which permissions each command gets, as a table; what its words mean stands in `permissions.ts`. The launcher reads it
 * before Deno starts.
 *
 * @module
 */

/** One row a permission; the launcher reads the lines that begin with a bar. */
export const TABLE = `
| command         | permission | value                                                |
| *               | takes      | --implementation                                     |
| *               | read       | {native}                                             |
| *               | ffi        | {native}                                             |
| *               | env        | AGENT_IMPLEMENTATION                                 |
| *               | env        | AGENT_NATIVE_DIR                                     |
| *               | env        | HOME                                                 |
| *               | env        | XDG_CACHE_HOME                                       |
| *               | env        | TERM                                                 |
| ask             | takes      | --docs --data --domain --exclude --quality           |
| ask             | read       | {--docs}                                             |
| ask             | read       | {data}                                               |
| ask             | write      | {data}                                               |
| ask             | read       | {vocabularies}                                       |
| ask             | env        | XDG_DATA_HOME                                        |
| scan            | alias      | security-scan security_scan                          |
| load            | alias      | performance-test performance_test                    |
| index           | alias      | index-folder index_folder                            |
| containers.list | alias      | list-containers list_containers                      |
| containers.deploy | alias      | deploy-container deploy_container                    |
| containers.start | alias      | start-container start_container                      |
| containers.stop | alias      | stop-container stop_container                        |
| containers.remove | alias      | remove-container remove_container                    |
| containers.sweep | alias      | sweep-containers sweep_containers                    |
| text.similarity | alias      | text-similarity text_similarity                      |
| get-metrics     | alias      | get_metrics                                          |
| reset-metrics   | alias      | reset_metrics                                        |
| clear-cache     | alias      | clear_cache                                          |
| update-domain   | alias      | update_domain                                        |
| reload-model    | alias      | reload_model                                         |
| status,get-metrics,reset-metrics,clear-cache | takes      | --docs --data                             |
| update-domain   | takes      | --docs --data --description --word --weight          |
| status,get-metrics,reset-metrics,clear-cache,update-domain,reload-model | read       | {data}        |
| status,get-metrics,reset-metrics,clear-cache,update-domain,reload-model | write      | {data}        |
| status,get-metrics,reset-metrics,clear-cache,update-domain,reload-model | env        | XDG_DATA_HOME |
| status,get-metrics,reset-metrics,clear-cache,update-domain | read       | {--docs}                   |
| reload-model    | takes      | --data --model --model-name --protocol --key-env --key-file |
| run             | takes      | --session                                            |
| chat            | takes      | --session                                            |
| resume          | takes      | --allow --deny                                       |
| run,resume,chat | takes      | --model --model-name --protocol --key-env --key-file --tools --domain --folder --docs --data --exclude --budget --yes --allow-host |
| run,resume,chat,reload-model,serve | read       | {model-script}                          |
| run,resume,chat,reload-model,serve | read       | {--key-file}                            |
| run,resume,chat,reload-model,serve | net        | {model-host}                            |
| run,resume,chat,reload-model,serve | env        | {--key-env}                             |
| run,resume,chat,reload-model,serve | env        | AGENT_API_KEY                           |
| run,resume,chat,reload-model,serve | env        | OPENAI_API_KEY                          |
| run,resume,chat,reload-model,serve | env        | ANTHROPIC_API_KEY                       |
| run,chat        | read       | {session}                                            |
| run,chat        | write      | {session}                                            |
| resume          | read       | {resumed}                                            |
| resume          | write      | {resumed}                                            |
| run,resume,chat,serve | read       | {--folder}                                           |
| run,resume,chat,serve | write      | {--folder}                                           |
| run,resume,chat | read       | {--docs}                                             |
| run,resume,chat | read       | {vocabularies}                                       |
| run,resume,chat | read       | {data}                                               |
| run,resume,chat | write      | {data}                                               |
| run,resume,chat | env        | XDG_DATA_HOME                                        |
| run,resume,chat,serve | net        | {hosts}                                              |
| run,resume,chat | run        | developer?git                                        |
| run,resume,chat | net        | scan_ports?127.0.0.1                                 |
| run,resume,chat | net        | scan_ports?localhost                                 |
| run,resume,chat | net        | scan_ports?[::1]                                     |
| run,resume,chat | sys        | scan_ports?networkInterfaces                         |
| run,resume,chat | sys        | system_snapshot?{all}                                |
| run,resume,chat,serve | read       | system_snapshot?/                                    |
| run,resume,chat | sys        | connections?{all}                                    |
| run,resume,chat,serve | read       | connections?/                                        |
| run,resume,chat | sys        | threats?{all}                                        |
| run,resume,chat,serve | read       | threats?/                                            |
| run,resume,chat | read       | run_code?{docker-socket}                             |
| run,resume,chat | write      | run_code?{docker-socket}                             |
| run,resume,chat | net        | run_code?{docker}                                    |
| run,resume,chat | env        | run_code?DOCKER_HOST                                 |
| run,resume,chat | env        | run_code?XDG_RUNTIME_DIR                             |
| run,resume,chat,serve | read       | run_code?/tmp/agent-runtime-owners                   |
| run,resume,chat,serve | write      | run_code?/tmp/agent-runtime-owners                   |
| index           | takes      | --data --allow-host --exclude                        |
| index           | read       | {1+}                                                 |
| index           | net        | {urls}                                               |
| index           | net        | {hosts}                                              |
| index           | read       | {data}                                               |
| index           | write      | {data}                                               |
| index           | read       | {vocabularies}                                       |
| index           | env        | XDG_DATA_HOME                                        |
| fetch           | takes      | --content --max-tokens --encoding --allow-host       |
| fetch           | read       | {vocabularies}                                       |
| fetch           | net        | {urls}                                               |
| fetch           | net        | {hosts}                                              |
| serve           | takes      | --docs --data --exclude --port --listen --host-name --root --scope --model --model-name --protocol --key-env --key-file --tools --folder --budget --yes --allow-host |
| serve           | read       | {--root}                                             |
| serve           | net        | {scope}                                              |
| serve           | read       | {docs}                                               |
| serve           | read       | {data}                                               |
| serve           | write      | {data}                                               |
| serve           | read       | {vocabularies}                                       |
| serve           | read       | {docker-socket}                                      |
| serve           | write      | {docker-socket}                                      |
| serve           | net        | {listen}                                             |
| serve           | net        | 127.0.0.1                                            |
| serve           | net        | localhost                                            |
| serve           | net        | [::1]                                                |
| serve           | net        | {docker}                                             |
| serve           | sys        | {all}                                                |
| serve           | env        | XDG_DATA_HOME                                        |
| serve           | env        | DOCKER_HOST                                          |
| serve           | env        | XDG_RUNTIME_DIR                                      |
| serve           | env        | AGENT_SERVER_TOKEN                                   |
| mcp             | takes      | --docs --data --exclude --folder --writable --tool --allow --ask --allow-host --max-calls --call-timeout --http |
| mcp             | read       | {--docs}                                             |
| mcp             | read       | {data}                                               |
| mcp             | write      | {data}                                               |
| mcp             | read       | {--folder}                                           |
| mcp             | read       | {--writable}                                         |
| mcp             | write      | {--writable}                                         |
| mcp             | net        | {http}                                               |
| mcp             | net        | {hosts}                                              |
| mcp             | run        | folder?git                                           |
| mcp             | run        | writable?git                                         |
| mcp             | read       | machine?/                                            |
| mcp             | sys        | machine?{all}                                        |
| mcp             | read       | sandbox?{docker-socket}                              |
| mcp             | write      | sandbox?{docker-socket}                              |
| mcp             | net        | sandbox?{docker}                                     |
| mcp             | env        | DOCKER_HOST                                          |
| mcp             | env        | XDG_RUNTIME_DIR                                      |
| mcp             | env        | XDG_DATA_HOME                                        |
| mcp             | env        | AGENT_MCP_TOKEN                                      |
| mcp             | read       | {vocabularies}                                       |
| doctor          | takes      | --data                                               |
| doctor          | read       | {data}                                               |
| doctor          | read       | {docker-socket}                                      |
| doctor          | write      | {docker-socket}                                      |
| doctor          | net        | {docker}                                             |
| doctor          | net        | {redis}                                              |
| doctor          | env        | DOCKER_HOST                                          |
| doctor          | env        | XDG_RUNTIME_DIR                                      |
| doctor          | env        | AGENT_REDIS_URL                                      |
| doctor          | env        | XDG_DATA_HOME                                        |
| containers.templates | takes      | --templates                                          |
| containers.templates | read       | {--templates}                                        |
| containers.deploy   | takes      | --host --templates --option --env --port --name --ttl --capability --runtime --accept-weaker --memory --cpus --pids |
| containers.deploy   | read       | {--templates}                                        |
| containers.deploy   | read       | {docker-socket}                                      |
| containers.deploy   | write      | {docker-socket}                                      |
| containers.deploy   | net        | {docker}                                             |
| containers.deploy   | net        | 127.0.0.1                                            |
| containers.deploy   | env        | DOCKER_HOST                                          |
| containers.deploy   | env        | XDG_RUNTIME_DIR                                      |
| containers.deploy   | read       | /tmp/agent-runtime-owners                            |
| containers.deploy   | write      | /tmp/agent-runtime-owners                            |
| containers.deploy   | read       | {data}                                               |
| containers.deploy   | write      | {data}                                               |
| containers.deploy   | env        | XDG_DATA_HOME                                        |
| containers.run      | takes      | --image --host --env --timeout --max-output --files --take --to --allow --isolation --accept-weaker --memory --cpus --pids |
| containers.run      | read       | {--files}                                            |
| containers.run      | write      | {--to}                                               |
| containers.run      | read       | {docker-socket}                                      |
| containers.run      | write      | {docker-socket}                                      |
| containers.run      | net        | {docker}                                             |
| containers.run      | env        | DOCKER_HOST                                          |
| containers.run      | env        | XDG_RUNTIME_DIR                                      |
| containers.run      | read       | /tmp/agent-runtime-owners                            |
| containers.run      | write      | /tmp/agent-runtime-owners                            |
| containers.run      | read       | {data}                                               |
| containers.run      | write      | {data}                                               |
| containers.run      | env        | XDG_DATA_HOME                                        |
| containers.exec     | takes      | --host --env --timeout --max-output --user --folder  |
| containers.exec     | read       | {docker-socket}                                      |
| containers.exec     | write      | {docker-socket}                                      |
| containers.exec     | net        | {docker}                                             |
| containers.exec     | env        | DOCKER_HOST                                          |
| containers.exec     | env        | XDG_RUNTIME_DIR                                      |
| containers.list     | takes      | --host                                               |
| containers.list     | read       | {docker-socket}                                      |
| containers.list     | write      | {docker-socket}                                      |
| containers.list     | net        | {docker}                                             |
| containers.list     | env        | DOCKER_HOST                                          |
| containers.list     | env        | XDG_RUNTIME_DIR                                      |
| containers.pull     | takes      | --host --platform                                    |
| containers.pull     | read       | {docker-socket}                                      |
| containers.pull     | write      | {docker-socket}                                      |
| containers.pull     | net        | {docker}                                             |
| containers.pull     | env        | DOCKER_HOST                                          |
| containers.pull     | env        | XDG_RUNTIME_DIR                                      |
| containers.logs     | takes      | --host --tail --since                                |
| containers.logs     | read       | {docker-socket}                                      |
| containers.logs     | write      | {docker-socket}                                      |
| containers.logs     | net        | {docker}                                             |
| containers.logs     | env        | DOCKER_HOST                                          |
| containers.logs     | env        | XDG_RUNTIME_DIR                                      |
| containers.stats    | takes      | --host --every                                       |
| containers.stats    | read       | {docker-socket}                                      |
| containers.stats    | write      | {docker-socket}                                      |
| containers.stats    | net        | {docker}                                             |
| containers.stats    | env        | DOCKER_HOST                                          |
| containers.stats    | env        | XDG_RUNTIME_DIR                                      |
| containers.start    | takes      | --host                                               |
| containers.start    | read       | {docker-socket}                                      |
| containers.start    | write      | {docker-socket}                                      |
| containers.start    | net        | {docker}                                             |
| containers.start    | env        | DOCKER_HOST                                          |
| containers.start    | env        | XDG_RUNTIME_DIR                                      |
| containers.stop     | takes      | --host --grace                                       |
| containers.stop     | read       | {docker-socket}                                      |
| containers.stop     | write      | {docker-socket}                                      |
| containers.stop     | net        | {docker}                                             |
| containers.stop     | env        | DOCKER_HOST                                          |
| containers.stop     | env        | XDG_RUNTIME_DIR                                      |
| containers.remove   | takes      | --host                                               |
| containers.remove   | read       | {docker-socket}                                      |
| containers.remove   | write      | {docker-socket}                                      |
| containers.remove   | net        | {docker}                                             |
| containers.remove   | env        | DOCKER_HOST                                          |
| containers.remove   | env        | XDG_RUNTIME_DIR                                      |
| containers.sweep    | takes      | --host                                               |
| containers.sweep    | read       | {docker-socket}                                      |
| containers.sweep    | write      | {docker-socket}                                      |
| containers.sweep    | net        | {docker}                                             |
| containers.sweep    | env        | DOCKER_HOST                                          |
| containers.sweep    | env        | XDG_RUNTIME_DIR                                      |
| containers.sweep    | read       | /tmp/agent-runtime-owners                            |
| containers.sweep    | write      | /tmp/agent-runtime-owners                            |
| scan            | takes      | --ports --udp --timeout --format --audit             |
| scan            | net        | {targets}                                            |
| scan            | net        | 127.0.0.1                                            |
| scan            | net        | [::1]                                                |
| scan            | net        | 0.0.0.0:0                                            |
| scan            | net        | [::]:0                                               |
| scan            | sys        | networkInterfaces                                    |
| scan            | env        | AGENT_SCAN_AUTHORIZATION                             |
| scan            | env        | AGENT_SCAN_AUDIT                                     |
| scan            | write      | {--audit}                                            |
| scan            | write      | {scan-audit}                                         |
| load            | takes      | --rate --connections --duration --requests --warm-up --streams --method --header --body --timeout --threshold --max-errors --ca --svg |
| load            | read       | {--ca}                                               |
| load            | write      | {--svg}                                              |
| load            | net        | {urls}                                               |
| load            | sys        | networkInterfaces                                    |
| load            | env        | AGENT_LOAD_AUTHORIZATION                             |
| queue.stats     | takes      | --file --redis --name --every                        |
| queue.stats     | read       | {queue-file}                                         |
| queue.stats     | write      | {queue-file}                                         |
| queue.stats     | read       | {queue-socket}                                       |
| queue.stats     | write      | {queue-socket}                                       |
| queue.stats     | net        | {queue-server}                                       |
| queue.stats     | env        | AGENT_REDIS_URL                                      |
| queue.list      | takes      | --file --redis --name --state --limit --offset --every |
| queue.list      | read       | {queue-file}                                         |
| queue.list      | write      | {queue-file}                                         |
| queue.list      | read       | {queue-socket}                                       |
| queue.list      | write      | {queue-socket}                                       |
| queue.list      | net        | {queue-server}                                       |
| queue.list      | env        | AGENT_REDIS_URL                                      |
| queue.retry     | takes      | --file --redis --name                                |
| queue.retry     | read       | {queue-file}                                         |
| queue.retry     | write      | {queue-file}                                         |
| queue.retry     | read       | {queue-socket}                                       |
| queue.retry     | write      | {queue-socket}                                       |
| queue.retry     | net        | {queue-server}                                       |
| queue.retry     | env        | AGENT_REDIS_URL                                      |
| queue.purge     | takes      | --file --redis --name --state --older-than           |
| queue.purge     | read       | {queue-file}                                         |
| queue.purge     | write      | {queue-file}                                         |
| queue.purge     | read       | {queue-socket}                                       |
| queue.purge     | write      | {queue-socket}                                       |
| queue.purge     | net        | {queue-server}                                       |
| queue.purge     | env        | AGENT_REDIS_URL                                      |
| connections     | takes      | --every --state                                      |
| connections     | read       | /                                                    |
| connections     | sys        | {all}                                                |
| picture         | takes      | --format                                             |
| picture         | read       | /                                                    |
| picture         | sys        | {all}                                                |
| picture         | net        | 127.0.0.1                                            |
| picture         | net        | [::1]                                                |
| threats         | takes      | --rule --exclude                                     |
| threats         | read       | /                                                    |
| threats         | sys        | {all}                                                |
| top             | takes      | --interval --sort --filter --alert --size --samples --svg |
| top             | read       | /                                                    |
| top             | sys        | {all}                                                |
| top             | write      | {--svg}                                              |
| top             | env        | TERM                                                 |
| top             | env        | COLORTERM                                            |
| top             | env        | LC_ALL                                               |
| top             | env        | LC_CTYPE                                             |
| top             | env        | LANG                                                 |
| bench           | takes      | --rounds --difference --warmup --timeout --exit-code --seed --require --separator |
| bench           | run        | {programs}                                           |
| text.hash       | read       | {1+}                                                 |
| text.similarity | takes      | --metric                                             |
| text.rank       | takes      | --metric --limit --cutoff                            |
| text.rank       | read       | {2}                                                  |
| text.keywords   | takes      | --limit --min-length                                 |
| text.keywords   | read       | {1+}                                                 |
| text.transform  | read       | {2}                                                  |
| text.count      | takes      | --encoding                                           |
| text.count      | read       | {1+}                                                 |
| text.count      | read       | {vocabularies}                                       |
| text.split      | takes      | --max-tokens --overlap --encoding                    |
| text.split      | read       | {1}                                                  |
| text.split      | read       | {vocabularies}                                       |
| text.redact     | takes      | --rule --literals --pattern --placeholder            |
| text.redact     | read       | {1}                                                  |
| text.redact     | read       | {--literals}                                         |
| text.markdown   | takes      | --base-url                                           |
| text.markdown   | read       | {1+}                                                 |
`;
