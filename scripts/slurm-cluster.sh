#!/usr/bin/env bash
# Four Slurm nodes emulated on this machine, for test/slurm. Debian and its like; as root; nothing leaves the loopback.
#   slurm-cluster.sh install      the packages slurm-wlm and munge, where they are missing
#   slurm-cluster.sh start DIR    writes DIR/slurm.conf and starts munged, slurmctld and slurmd -N n1 … n4; ready when it returns
#   slurm-cluster.sh stop DIR     ends what start began; nothing of it runs when it returns
# Exit code 3: it cannot be done here, and the last line on stderr says why.
set -eu

NODES=4
READY_TRIES=100
ENDED_TRIES=100

cannot() {
  echo "$1" >&2
  exit 3
}

install() {
  command -v slurmctld >/dev/null && command -v slurmd >/dev/null && command -v munged >/dev/null && return 0
  [ "$(id -u)" = 0 ] || cannot 'Slurm is not installed, and only root can install it'
  command -v apt-get >/dev/null || cannot 'Slurm is not installed, and there is no apt-get to install it with'
  apt-get update -qq >/dev/null 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge >/dev/null 2>&1 ||
    cannot 'the packages slurm-wlm and munge cannot be installed'
}

write_conf() {
  local dir=$1 host
  host=$(hostname -s)
  cat >"$dir/slurm.conf" <<CONF
ClusterName=shardstorm
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=17000
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=2
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
NodeName=n[1-$NODES] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17001-1700$NODES] CPUs=1 RealMemory=1000 State=UNKNOWN
PartitionName=p Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
}

start() {
  local dir=$1 try n
  [ "$(id -u)" = 0 ] || cannot 'only root can start Slurm daemons'
  mkdir -p "$dir/state" "$dir/log" "$dir/munge"
  for n in $(seq $NODES); do mkdir -p "$dir/spool/n$n"; done
  # Its socket's folder must be for all to enter, its key for nobody else to read.
  chmod 755 "$dir" "$dir/munge"
  (umask 077 && head -c 128 /dev/urandom >"$dir/munge.key")
  munged --force --key-file="$dir/munge.key" --socket="$dir/munge/socket" --pid-file="$dir/munged.pid" \
    --log-file="$dir/log/munged.log" --seed-file="$dir/munge.seed" || cannot 'munged does not start'
  write_conf "$dir"
  export SLURM_CONF=$dir/slurm.conf
  slurmctld || cannot 'slurmctld does not start'
  for n in $(seq $NODES); do slurmd -N "n$n" || cannot "slurmd does not start: $(tail -1 "$dir/log/slurmd-n$n.log")"; done
  for try in $(seq $READY_TRIES); do
    [ "$(sinfo --noheader --Node --states=idle 2>/dev/null | wc -l)" -ge $NODES ] && return 0
    sleep 0.2
  done
  cannot "the nodes were not ready: $(sinfo --noheader 2>&1 | head -3)"
}

# The processes of the cluster in a folder: its daemons and their steps carry its configuration in their environment.
members_of() {
  local environ
  for environ in /proc/[0-9]*/environ; do
    { tr '\0' '\n' <"$environ" | grep -qxF "SLURM_CONF=$1/slurm.conf"; } 2>/dev/null || continue
    environ=${environ%/environ}
    case "$(cat "$environ/comm" 2>/dev/null)" in
      slurmctld* | slurmd* | slurmstepd* | sackd*) echo "${environ#/proc/}" ;;
    esac
  done
  cat "$1/munged.pid" 2>/dev/null || true
}

# A zombie that nobody reaps, as in a container, writes nothing any more.
alive() {
  local pid
  for pid in "$@"; do
    grep -qs '^State:[[:space:]]*[^ZX]' "/proc/$pid/status" && return 0
  done
  return 1
}

# Returns when all of them have ended: a daemon that is told to end still writes its state into the folder.
stop() {
  local dir=$1 signal try pids
  for signal in TERM KILL; do
    pids=$(members_of "$dir")
    [ -n "$pids" ] || return 0
    # shellcheck disable=SC2086 # a list of numbers
    kill -"$signal" $pids 2>/dev/null || true
    for try in $(seq $ENDED_TRIES); do
      # shellcheck disable=SC2086
      alive $pids || return 0
      sleep 0.1
    done
  done
  cannot "these processes of the cluster do not end: $pids"
}

case "${1:-}" in
  install) install ;;
  start) start "${2:?a folder}" ;;
  stop) stop "${2:?a folder}" ;;
  *) cannot "usage: $0 install | start DIR | stop DIR" ;;
esac
