/**
 * The system calls that a container may make, by what they are for. What is not here is answered with EPERM: among it
 * io_uring, keys, userfaultfd, bpf, perf, ptrace and reading another process's memory, mounts, namespaces, modules,
 * kexec, clocks, swap, quotas and raw input and output. Names that a kernel or an architecture lacks are passed over.
 *
 * @module
 */

/** Words of a list. */
function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Allowed with any argument, by what they are for. */
export const ALLOWED_CALLS: readonly string[] = [
  // Files: opening, reading, writing, their names, times and attributes.
  words(
    `access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2
    fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync
    fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate
    ftruncate64 futimesat getcwd getdents getdents64 getxattr lchown lchown32 lgetxattr link linkat listxattr llistxattr
    _llseek lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat newfstatat open openat openat2 pread64
    preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv removexattr rename renameat
    renameat2 rmdir sendfile sendfile64 setxattr splice stat stat64 statfs statfs64 statx symlink symlinkat sync
    sync_file_range sync_file_range2 syncfs tee truncate truncate64 umask unlink unlinkat utime utimensat
    utimensat_time64 utimes vmsplice write writev cachestat`,
  ),
  // Watching files, and waiting for many at once.
  words(
    `epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd
    eventfd2 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch ioctl _newselect pipe pipe2 poll ppoll
    ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4`,
  ),
  // Input and output behind one's back, the old interface.
  words(`io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit`),
  // Memory.
  words(
    `arch_prctl brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap
    mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect
    remap_file_pages riscv_flush_icache cacheflush`,
  ),
  // Processes: beginning, ending, waiting, and who they are.
  words(
    `capget capset execve execveat exit exit_group fork getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups
    getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit
    get_robust_list getrusage getsid get_thread_area gettid getuid getuid32 ioprio_get ioprio_set kill pause pidfd_open
    pidfd_send_signal prctl prlimit64 process_mrelease restart_syscall rseq setfsgid setfsgid32 setfsuid setfsuid32
    setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid
    setresuid32 setreuid setreuid32 setrlimit set_robust_list setsid set_thread_area set_tid_address set_tls setuid
    setuid32 tgkill times tkill ugetrlimit vfork wait4 waitid waitpid`,
  ),
  // Scheduling.
  words(
    `getcpu sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min
    sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
    sched_setscheduler sched_yield`,
  ),
  // Signals.
  words(
    `rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
    rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn`,
  ),
  // Time: reading it and waiting. Setting it is refused, whatever the arguments.
  words(
    `alarm clock_getres clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64
    getitimer gettimeofday nanosleep setitimer time timer_create timer_delete timer_getoverrun timer_gettime
    timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime
    timerfd_settime64`,
  ),
  // Threads that wait for each other.
  words(`futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake`),
  // Sockets, but for making one: see SOCKET_FAMILIES.
  words(
    `accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64
    recvmsg send sendmmsg sendmsg sendto setsockopt shutdown`,
  ),
  // Talking to other processes of the container; its namespace is its own.
  words(
    `ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
    mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget`,
  ),
  // What a process may use to hold itself tighter still.
  words(`landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp`),
  // The machine, read only.
  words(`getrandom sysinfo uname`),
].flat();

/** The families of sockets that may be made: Unix, IPv4, IPv6, and Netlink, which asks for one's own interfaces. */
export const SOCKET_FAMILIES: readonly number[] = [1, 2, 10, 16];

/** Raw packets; only with the capability NET_RAW. */
export const PACKET_FAMILY = 17;

/** What `personality` may be set to: as it is, 32 bit addresses, Linux's own, both, and only asking. */
export const PERSONALITIES: readonly number[] = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** Flags of `clone` that make a namespace: mount, cgroup, UTS, IPC, user, PID, network. */
export const NAMESPACE_FLAGS = 0x7e02_0000;

/** Calls that are denied and that hostile programs like, for reports and tests. */
export const DENIED_CALLS: readonly string[] = words(
  `add_key bpf clock_settime delete_module finit_module fsmount
  fsopen init_module io_uring_enter io_uring_register io_uring_setup ioperm iopl kcmp kexec_file_load kexec_load keyctl
  lookup_dcookie mount mount_setattr move_mount name_to_handle_at nfsservctl open_by_handle_at open_tree
  perf_event_open pidfd_getfd pivot_root process_madvise process_vm_readv process_vm_writev ptrace quotactl reboot
  request_key setns settimeofday swapoff swapon syslog umount2 unshare userfaultfd uselib vhangup`,
);
