// Draws the charts of a page by uPlot. It stands in the page as it is here: no build, no imports but of types.

/**
 * @import { Plot } from '../src/report/plot.js'
 * @import UPlot from 'uplot'
 */

/** Series beyond these take the same colours again, dashed. */
const COLOURS = 6;
const FONT = '12px system-ui, sans-serif';
/** Around the first and last x, as a share of the range: their points are not to sit on the frame. */
const MARGIN = 0.03;

/** @type {readonly Plot[]} */
const plots = JSON.parse(document.getElementById('plots')?.textContent ?? '[]');

for (const element of document.querySelectorAll('.plot')) {
  const plot = plots[Number(element.getAttribute('data-plot'))];
  if (element instanceof HTMLElement && plot !== undefined) show(element, plot);
}

const hint = document.createElement('p');
hint.className = 'hint';
hint.textContent = 'Charts: drag to zoom in, double click to zoom out, click on a name to hide its line.';
document.querySelector('header')?.append(hint);

/**
 * Draws a plot, again when the colours of the page change, and as wide as there is room.
 *
 * @param {HTMLElement} element
 * @param {Plot} plot
 */
function show(element, plot) {
  let chart = draw(element, plot);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
    chart.destroy();
    chart = draw(element, plot);
  });
  new ResizeObserver(() => {
    const size = sizeOf(element);
    if (size.width !== chart.width) chart.setSize(size);
  }).observe(element);
}

/** @param {HTMLElement} element */
function sizeOf(element) {
  const width = element.clientWidth;
  return { width, height: Math.round(Math.min(340, Math.max(240, width / 2))) };
}

/**
 * @param {HTMLElement} element
 * @param {Plot} plot
 */
function draw(element, { x, y, names, data }) {
  const few = x.ticks !== null;
  /** @type {UPlot.Options} */
  const options = {
    ...sizeOf(element),
    scales: { x: { time: false, ...xScale(x.scale) }, y: yScale(y.scale) },
    axes: [
      {
        ...axis(x.label),
        size: 36,
        values: (chart, splits) => spread(chart, splits),
        ...(few ? { splits: (_chart, _axis, min, max) => within(x.ticks ?? [], min, max), filter: keep } : {}),
      },
      { ...axis(y.label), size: (_chart, values) => 20 + widest(values), values: (_chart, splits) => splits.map(tick) },
    ],
    series: [
      { label: x.label, value: (_chart, value) => exact(value) },
      ...names.map((name, index) => line(name, index, few)),
    ],
    legend: { markers: { fill: (_chart, index) => colourOf(index - 1) } },
    cursor: { y: false, points: { size: 9 } },
  };
  return new uPlot(options, /** @type {UPlot.AlignedData} */ (/** @type {unknown} */ (data)), element);
}

/**
 * @param {string} name
 * @param {number} index
 * @param {boolean} few
 * @returns {UPlot.Series}
 */
function line(name, index, few) {
  const stroke = colourOf(index);
  return {
    label: name,
    stroke,
    width: few ? 2 : 1.5,
    value: (_chart, value) => exact(value),
    points: { size: 7, fill: stroke, ...(few ? { show: true } : {}) },
    ...(index < COLOURS ? {} : { dash: [7, 4] }),
  };
}

/**
 * @param {string} label
 * @returns {UPlot.Axis}
 */
function axis(label) {
  const grid = { stroke: variable('--grid'), width: 1 };
  return { label, labelSize: 22, font: FONT, labelFont: FONT, stroke: variable('--ink'), grid, ticks: grid };
}

/**
 * @param {Plot['x']['scale']} scale
 * @returns {UPlot.Scale}
 */
function xScale(scale) {
  if (scale === 'log') {
    return {
      distr: 3,
      range: (_chart, min, max) => {
        const factor = min === max ? 2 : (max / min) ** MARGIN;
        return [min / factor, max * factor];
      },
    };
  }
  return {
    range: (_chart, min, max) => {
      const margin = min === max ? 1 : (max - min) * MARGIN;
      return [min - margin, max + margin];
    },
  };
}

/**
 * A linear one starts at 0: what differs by a tenth is to look it.
 *
 * @param {Plot['y']['scale']} scale
 * @returns {UPlot.Scale}
 */
function yScale(scale) {
  if (scale === 'log') return { distr: 3 };
  return {
    range: (_chart, min, max) => {
      const [low, high] = uPlot.rangeNum(Math.min(0, min ?? 0), Math.max(0, max ?? 0), 0.1, true);
      return [min < 0 ? low : 0, high];
    },
  };
}

/**
 * @param {readonly number[]} ticks
 * @param {number} min
 * @param {number} max
 */
function within(ticks, min, max) {
  return ticks.filter((value) => value >= min && value <= max);
}

/**
 * uPlot would hide most ticks of a logarithmic axis: those that are not a power of ten.
 *
 * @param {UPlot} _chart
 * @param {number[]} splits
 */
function keep(_chart, splits) {
  return splits;
}

/**
 * Labels of the ticks of x, without those that would run into the one before. The last is always there:
 * of percentiles, say, the ones at the end are what is looked for.
 *
 * @param {UPlot} chart
 * @param {(number | null)[]} splits
 */
function spread(chart, splits) {
  const labels = splits.map(tick);
  /** @param {number} index */
  const place = (index) => chart.valToPos(splits[index] ?? 0, 'x');
  /** @param {number} index */
  const half = (index) => widest([labels[index] ?? '']) / 2 + 3;
  let next = Number.POSITIVE_INFINITY;
  for (let index = labels.length - 1; index >= 0; index--) {
    if (labels[index] === '') continue;
    if (place(index) + half(index) > next) labels[index] = '';
    else next = place(index) - half(index);
  }
  return labels;
}

/**
 * About how wide the widest label is, in pixels.
 *
 * @param {readonly string[] | null} labels
 */
function widest(labels) {
  return 7 * Math.max(0, ...(labels ?? []).map((label) => label.length));
}

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/**
 * Up to four digits say more as they are: 1024, 99.99.
 *
 * @param {number | null} value
 * @returns {string}
 */
function tick(value) {
  if (value === null) return '';
  return Math.abs(value) < 10_000 ? exact(value) : COMPACT.format(value);
}

/** @param {number | null} value */
function exact(value) {
  if (value === null || value === undefined) return '-';
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(6)));
}

/** @param {number} index */
function colourOf(index) {
  return variable(`--series-${index % COLOURS}`);
}

/** @param {string} name */
function variable(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
