// d3: statistics, scales, layouts, geography and time, without a page.
import * as d3 from "d3";

const random = d3.randomLcg(0.5), normal = d3.randomNormal.source(random)(5, 2);
const values = Float64Array.from({ length: 5000 }, normal);
console.log(d3.mean(values), d3.deviation(values), d3.quantile(values, 0.9), d3.bin().thresholds(10)(values).map((b) => b.length));
console.log(d3.rollups([...values.keys()], (g) => g.length, (i) => i % 7, (i) => i % 2), d3.ticks(0, 97, 8), d3.scaleLinear([0, 7], ["red", "#00f"])(3), d3.scaleTime([new Date(0), new Date(1e12)], [0, 1]).ticks(5).map(Number));
console.log(d3.line().curve(d3.curveCatmullRom)([[0, 1], [2, 3], [4, 1], [5, 9]]), d3.arc()({ innerRadius: 5, outerRadius: 10, startAngle: 0, endAngle: 2 }));
const root = d3.hierarchy({ children: [{ value: 3 }, { children: [{ value: 1 }, { value: 2 }] }, { value: 4 }] }).sum((d) => d.value ?? 0);
for (const layout of [d3.treemap().size([10, 10]), d3.pack().size([10, 10]), d3.tree().size([5, 5]), d3.partition()]) {
  console.log(layout(root.copy()).descendants().map((n) => [n.x0 ?? n.x, n.y0 ?? n.y].map((v) => +v.toFixed(6))).join(" "));
}
const projection = d3.geoAlbers().scale(900), path = d3.geoPath(projection);
console.log(path({ type: "Polygon", coordinates: [[[-100, 40], [-90, 40], [-90, 30], [-100, 30], [-100, 40]]] }), d3.geoDistance([0, 0], [10, 20]), path(d3.geoGraticule10()).length);
const simulation = d3.forceSimulation(Array.from({ length: 60 }, () => ({}))).randomSource(random).force("charge", d3.forceManyBody()).force("link", d3.forceLink(d3.range(59).map((i) => ({ source: i >> 1, target: i + 1 })))).stop();
simulation.tick(100);
console.log(simulation.nodes().slice(0, 3).map((n) => [n.x.toFixed(4), n.y.toFixed(4)]));
console.log(d3.Delaunay.from(Array.from({ length: 200 }, () => [random(), random()])).triangles.length, d3.contours().size([20, 20])(d3.range(400).map((i) => Math.sin(i / 7))).length, d3.csvParse("a,b\n1,\"x,\ny\"").map((r) => r.b), d3.format("$,.2f")(12345.678), d3.utcFormat("%A %d %B %Y %j")(new Date(1e12)), d3.interpolateHcl("red", "blue")(0.3), d3.chordDirected()([[1, 2], [3, 4]]).length);
