// ml-matrix, simple-statistics, three: linear algebra, statistics, geometry.
import { EigenvalueDecomposition, LuDecomposition, Matrix, QrDecomposition, SVD, inverse, solve } from "ml-matrix";
import * as ss from "simple-statistics";
import * as THREE from "three";

const size = 40;
const m = Matrix.from1DArray(size, size, Array.from({ length: size * size }, (_, i) => ((i * 7919) % 101) / 10 + (i % (size + 1) === 0 ? 30 : 0)));
console.log(new LuDecomposition(m).determinant.toExponential(8), m.mmul(inverse(m)).sub(Matrix.eye(size)).norm() < 1e-9, new SVD(m).diagonal.slice(0, 5).map((x) => x.toFixed(8)), new EigenvalueDecomposition(m.add(m.transpose())).realEigenvalues.slice(0, 4).map((x) => x.toFixed(6)), solve(m, Matrix.ones(size, 1)).get(3, 0).toFixed(12), new QrDecomposition(m).orthogonalMatrix.get(1, 1).toFixed(10));
const xs = Array.from({ length: 2000 }, (_, i) => Math.sin(i) * 10 + i / 100);
console.log(ss.mean(xs), ss.standardDeviation(xs), ss.median(xs), ss.linearRegression(xs.map((x, i) => [i, x])), ss.ckmeans(xs.slice(0, 200), 4).map((c) => c.length), ss.quantile(xs, [0.1, 0.5]), ss.tTest(xs, 4), ss.jenks(xs.slice(0, 100), 3), ss.kernelDensityEstimation(xs)(5));
const geometry = new THREE.TorusKnotGeometry(10, 3, 100, 16);
geometry.applyMatrix4(new THREE.Matrix4().makeRotationFromEuler(new THREE.Euler(1, 2, 3)).multiply(new THREE.Matrix4().makeTranslation(1, 2, 3)));
geometry.computeVertexNormals();
geometry.computeBoundingSphere();
console.log(geometry.attributes.position.array.slice(0, 6), geometry.attributes.normal.array.slice(-3), geometry.boundingSphere.radius);
const scene = new THREE.Scene(), mesh = new THREE.Mesh(geometry, new THREE.MeshBasicMaterial());
scene.add(mesh);
mesh.rotation.y = 0.5;
scene.updateMatrixWorld(true);
const hits = new THREE.Raycaster(new THREE.Vector3(0, 0, 50), new THREE.Vector3(0.1, 0.05, -1).normalize()).intersectObject(scene, true);
console.log(hits.map((h) => [h.distance.toFixed(5), h.faceIndex]), new THREE.Quaternion().setFromAxisAngle(new THREE.Vector3(0, 1, 0), 1).slerp(new THREE.Quaternion(), 0.3).toArray(), new THREE.Color("hsl(120, 50%, 40%)").getHexString(), new THREE.CatmullRomCurve3([new THREE.Vector3(), new THREE.Vector3(1, 2, 3), new THREE.Vector3(4, 0, 1)]).getLength());
