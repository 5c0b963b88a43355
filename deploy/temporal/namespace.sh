#!/bin/sh
# Creates the namespace with 90 days of retention and the search attributes. Safe to run again.
set -eu

export TEMPORAL_ADDRESS
retention=90d

operator() {
    command=$1 action=$2
    shift 2
    temporal operator "$command" "$action" --namespace "$TEMPORAL_NAMESPACE" "$@"
}

tries=60
until operator cluster health >/dev/null 2>&1; do
    tries=$((tries - 1))
    if [ "$tries" -eq 0 ]; then
        echo "Temporal does not answer at $TEMPORAL_ADDRESS" >&2
        exit 1
    fi
    sleep 2
done

if operator namespace describe >/dev/null 2>&1; then
    operator namespace update --retention "$retention"
else
    operator namespace create --retention "$retention"
fi

# The names and types of workflows/attributes.py. The namespace may need a moment until every part of the
# server knows it, hence the tries.
for name in TieoutConnection TieoutStage TieoutDocument TieoutTarget TieoutHoldCause TieoutHoldClass; do
    tries=30
    until operator search-attribute list | grep -qw "$name"; do
        operator search-attribute create --name "$name" --type Keyword || true
        tries=$((tries - 1))
        if [ "$tries" -eq 0 ]; then
            echo "the search attribute $name could not be created" >&2
            exit 1
        fi
        sleep 1
    done
done
