#!/usr/bin/env bash
# report.sh RUN [JOB RESULT]...: says in an issue which jobs of a run of weekly.yml failed.
# The issue that is open gets a comment; without one a new issue is opened.
set -euo pipefail

title="The weekly build is broken"
words="The weekly run failed: $1"$'\n'
shift
while [ $# -gt 0 ]; do
    words+=$'\n'"- $1: $2"
    shift 2
done

# The list is of titles, not of search results, which may lag behind and match in part.
issue=$(gh issue list --state open --limit 1000 --json number,title \
    --jq "[.[] | select(.title == \"$title\") | .number] | first // empty")
if [ -n "$issue" ]; then
    gh issue comment "$issue" --body "$words"
else
    gh issue create --title "$title" --body "$words"
fi
