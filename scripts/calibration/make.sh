#!/usr/bin/env bash
# Makes from nothing what calibrated() and the combination with the judge ship: pairs, features, vectors, verdicts, fits, and what they
# reach, printed. Vectors and verdicts that are there already are kept (delete verdicts.jsonl for another judge); half an hour of one core.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=${PYTHON:-.venv/bin/python}
work=${CALIBRATION_CACHE:-.cache/calibration}
judge=${1:-packages/reprise-judge}
export REPRISE_DATA=${REPRISE_DATA:-../shared/data} REPRISE_MODELS=${REPRISE_MODELS:-../shared/models}
mkdir -p "$work/vectors"
"$python" scripts/calibration/make-pairs.py --data "$REPRISE_DATA" --out "$work/labelled.jsonl"
"$python" scripts/calibration/add-public.py --pairs "$work/labelled.jsonl" --out "$work/pairs.jsonl" --texts "$work/texts.json"
npx tsx scripts/calibration/dump-features.ts "$work/pairs.jsonl" "$work/features.f32"
for model in bge-en bge-zh minilm; do
  "$python" scripts/calibration/vectors.py "$model" "$work/texts.json" "$work/vectors/vec"
done
"$python" scripts/calibration/judge-logits.py --pairs "$work/pairs.jsonl" --judge "$judge" --out "$work/verdicts.jsonl"
"$python" scripts/calibration/fit.py --pairs "$work/pairs.jsonl" --features "$work/features.f32" --vectors "$work/vectors" --logits "$work/verdicts.jsonl"
npx biome check --write src/semantic-cache/decision/fits
npx tsx scripts/calibration/combine-judge.ts --judge "$judge" --write
