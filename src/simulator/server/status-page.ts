/**
 * The status page: counts, and the heat of each shard as a share of its write limit over the last second. One document
 * without anything loaded from elsewhere; it asks `_audit` once a second.
 */
export const STATUS_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shardstorm simulator</title>
<style>
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif }
body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
h1 { font-size: 1.2rem }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); gap: .75rem; margin: 0 }
dt { opacity: .7 }
dd { margin: 0; font-size: 1.3rem; font-variant-numeric: tabular-nums }
#shards { display: grid; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); gap: .5rem }
.shard { border: 1px solid #8886; border-radius: 4px; padding: .4rem .5rem; font-size: 12px }
.bar { height: 6px; background: #8883; border-radius: 3px; overflow: hidden; margin: .25rem 0 }
.bar i { display: block; height: 100%; background: #2a78d6 }
.hot .bar i { background: #e34948 }
ul { margin: 0; padding-left: 1.2rem }
#state { color: #e34948 }
[hidden] { display: none }
</style>
<h1>Shardstorm simulator</h1>
<p id="state" role="status" hidden>The simulator does not answer; these are its last figures.</p>
<dl id="counts"></dl>
<section id="faults" hidden><h2>Faults that fired</h2><ul></ul></section>
<h2>Shards: share of the write limit in the last second</h2>
<p id="shown" hidden></p>
<div id="shards"></div>
<script>
const LIMIT_RECORDS = 1000, LIMIT_BYTES = 1048576, SHOWN_MAX = 400;
let before = null, beforeAt = 0;
const number = new Intl.NumberFormat('en');
function element(name, text, className) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  if (className) node.className = className;
  return node;
}
function showCounts(audit, perSecond) {
  const refused = Object.values(audit.kinesisRecords.refused).reduce((sum, n) => sum + n, 0);
  const rows = [['Records a second', Math.round(perSecond)], ['Kinesis records', audit.kinesisRecords.accepted],
    ['User records', audit.userRecords.accepted], ['Refused', refused], ['Duplicates', audit.userRecords.duplicates],
    ['Requests', audit.requests.total], ['Bytes held', audit.storage.heldBytes],
    ['Dropped for memory', audit.storage.droppedRecords], ['Past retention', audit.storage.expiredRecords]];
  const nodes = rows.map(([name, value]) => {
    const box = element('div');
    box.append(element('dt', name), element('dd', number.format(value)));
    return box;
  });
  document.getElementById('counts').replaceChildren(...nodes);
}
function showShards(audit, seconds) {
  const earlier = new Map((before?.shards ?? []).map((shard) => [shard.stream + shard.id, shard]));
  const nodes = audit.shards.map((shard) => {
    const old = earlier.get(shard.stream + shard.id) ?? shard;
    const records = Math.max(0, shard.records - old.records) / seconds;
    const bytes = Math.max(0, shard.bytes - old.bytes) / seconds;
    const throttled = Math.max(0, shard.throttled - old.throttled) / seconds;
    return { shard, heat: Math.max(records / LIMIT_RECORDS, bytes / LIMIT_BYTES), records, throttled };
  });
  const shown = document.getElementById('shown');
  shown.hidden = nodes.length <= SHOWN_MAX;
  shown.textContent = 'The hottest ' + SHOWN_MAX + ' of ' + number.format(nodes.length) + '.';
  if (nodes.length > SHOWN_MAX) nodes.sort((a, b) => b.heat - a.heat);
  document.getElementById('shards').replaceChildren(...nodes.slice(0, SHOWN_MAX).map((item) => {
    const box = element('div', undefined, item.throttled > 0 ? 'shard hot' : 'shard');
    const bar = element('div', undefined, 'bar');
    const fill = element('i');
    fill.style.width = Math.min(100, item.heat * 100) + '%';
    bar.append(fill);
    box.append(element('div', item.shard.stream + ' ' + item.shard.number), bar,
      element('div', Math.round(item.heat * 100) + ' %, ' + number.format(Math.round(item.records)) + ' records/s'));
    if (item.throttled > 0) box.append(element('div', number.format(Math.round(item.throttled)) + ' refused/s'));
    return box;
  }));
}
function showFaults(audit) {
  const fired = audit.faults.filter((fault) => fault.fired > 0);
  const section = document.getElementById('faults');
  section.hidden = fired.length === 0;
  section.querySelector('ul').replaceChildren(
    ...fired.map((fault) => element('li', fault.kind + ': ' + number.format(fault.fired))));
}
async function refresh() {
  try {
    const audit = await (await fetch('/_audit')).json();
    const now = performance.now(), seconds = Math.max(0.001, (now - beforeAt) / 1000);
    const grown = before === null ? 0 : audit.kinesisRecords.accepted - before.kinesisRecords.accepted;
    showCounts(audit, Math.max(0, grown) / seconds);
    showFaults(audit);
    showShards(audit, seconds);
    before = audit;
    beforeAt = now;
    document.getElementById('state').hidden = true;
  } catch {
    document.getElementById('state').hidden = false;
  }
  setTimeout(refresh, 1000);
}
refresh();
</script>
`;
