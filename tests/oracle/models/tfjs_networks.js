// Print networks of TensorFlow.js as lines of JSON: each with its counts, its summaries and its model.json.
const tf = require("@tensorflow/tfjs-layers");
const core = require("@tensorflow/tfjs-core");
try {
  require("@tensorflow/tfjs-backend-cpu");
} catch {
  // Old versions have it in the core.
}

/** Return {name: builder}; an old version has no layer of some builders, and leaves those networks out. */
const networks = {
  generator() {
    const model = tf.sequential();
    model.add(tf.layers.dense({ units: 96, inputShape: [12], useBias: false }));
    model.add(tf.layers.batchNormalization());
    model.add(tf.layers.leakyReLU());
    model.add(tf.layers.reshape({ targetShape: [4, 4, 6] }));
    model.add(tf.layers.conv2dTranspose({ filters: 8, kernelSize: 5, padding: "same", useBias: false }));
    model.add(tf.layers.batchNormalization());
    model.add(tf.layers.conv2dTranspose({ filters: 4, kernelSize: [4, 2], strides: 2, padding: "same" }));
    model.add(tf.layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, activation: "tanh", name: "end" }));
    return model;
  },
  unet() {
    const begin = tf.input({ shape: [16, 16, 3] });
    const first = tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: "same" }).apply(begin);
    const down = tf.layers.maxPooling2d({ poolSize: 2 }).apply(first);
    let middle = tf.layers.separableConv2d({ filters: 8, kernelSize: 3, padding: "same" }).apply(down);
    middle = tf.layers.depthwiseConv2d({ kernelSize: 3, padding: "same", depthMultiplier: 2 }).apply(middle);
    const up = tf.layers
      .conv2dTranspose({ filters: 4, kernelSize: 2, strides: 2, name: "a_layer_with_a_name_that_is_wider_than_any_column" })
      .apply(middle);
    const merged = tf.layers.concatenate().apply([up, first]);
    return tf.model({ inputs: begin, outputs: tf.layers.conv2d({ filters: 1, kernelSize: 1, name: "mask" }).apply(merged) });
  },
  nested() {
    const encoder = tf.sequential({ name: "encoder" });
    encoder.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same", inputShape: [16, 16, 1] }));
    const small = tf.input({ shape: [8, 8, 4] });
    const up = tf.layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, name: "up" }).apply(small);
    const decoder = tf.model({ inputs: small, outputs: up, name: "decoder" });
    const begin = tf.input({ shape: [16, 16, 1] });
    return tf.model({ inputs: begin, outputs: decoder.apply(encoder.apply(begin)), name: "autoencoder" });
  },
  inside() {
    const model = tf.sequential();
    const inner = tf.sequential();
    inner.add(tf.layers.conv2dTranspose({ filters: 3, kernelSize: 2, inputShape: [4, 4, 2] }));
    model.add(inner);
    model.add(tf.layers.flatten());
    model.add(tf.layers.dense({ units: 2 }));
    return model;
  },
  two() {
    const left = tf.input({ shape: [6], name: "left" });
    const right = tf.input({ shape: [4], name: "right" });
    const shared = tf.layers.dense({ units: 4, name: "shared" });
    const both = tf.layers.concatenate().apply([shared.apply(left), right, shared.apply(left)]);
    const middle = tf.layers.layerNormalization().apply(both);
    const one = tf.layers.dense({ units: 5, name: "one" }).apply(middle);
    const other = tf.layers.dense({ units: 1, name: "other", useBias: false }).apply(middle);
    return tf.model({ inputs: [left, right], outputs: [one, other] });
  },
  sequence() {
    const model = tf.sequential();
    model.add(tf.layers.embedding({ inputDim: 20, outputDim: 6, inputLength: 10 }));
    model.add(tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 4, returnSequences: true }), mergeMode: "concat" }));
    model.add(tf.layers.gru({ units: 6, returnSequences: true, resetAfter: false }));
    model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 5 }) }));
    model.add(tf.layers.prelu());
    return model;
  },
  frozen() {
    const model = networks.unet();
    model.layers.slice(1, 5).forEach((layer) => (layer.trainable = false));
    return model;
  },
  volume() {
    const model = tf.sequential();
    model.add(tf.layers.conv3d({ filters: 3, kernelSize: [2, 3, 3], padding: "same", inputShape: [4, 4, 4, 2] }));
    model.add(tf.layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 }));
    model.add(tf.layers.reshape({ targetShape: [512, 2] }));
    model.add(tf.layers.conv1d({ filters: 2, kernelSize: 4 }));
    return model;
  },
  wide() {
    const model = tf.sequential({ name: "wide" });
    model.add(tf.layers.dense({ units: 10000, inputShape: [12000] }));
    model.add(tf.layers.dense({ units: 3 }));
    return model;
  },
};

const size = (weights) => weights.reduce((sum, weight) => sum + weight.shape.reduce((a, b) => a * b, 1), 0);

/** Yield every layer once, and not the models around it. */
function* leaves(model) {
  for (const layer of model.layers) yield* layer.layers ? leaves(layer) : [layer];
}

/** Return parameters by path, as tests/oracle/models/keras_networks.py does. */
function rows(model, path = "") {
  return Object.assign(
    {},
    ...model.layers.map((layer) =>
      layer.layers
        ? rows(layer, `${path}${layer.name}/`)
        : layer.countParams()
          ? { [path + layer.name]: layer.countParams() }
          : {},
    ),
  );
}

/** Return the printed summary. */
function summary(model, width, columns) {
  const lines = [];
  model.summary(width, columns, (line) => lines.push(line));
  return lines.join("\n") + "\n";
}

async function main() {
  await core.ready?.();
  for (const [name, build] of Object.entries(networks)) {
    let model;
    try {
      model = build();
    } catch (error) {
      if (!/is not a function|is not a constructor/.test(String(error))) throw error;
      continue;
    }
    const transposed = [...leaves(model)].filter((layer) => /Transpose$/.test(layer.getClassName()));
    const saved = {};
    if (name !== "wide")
      await model.save(
        core.io.withSaveHandler
          ? core.io.withSaveHandler(async (artifacts) => Object.assign(saved, artifacts) && {})
          : { save: async (artifacts) => Object.assign(saved, artifacts) && {} },
      );
    const summaries = { "": summary(model), ", 60 wide": summary(model, 60), ", 160 wide": summary(model, 160) };
    console.log(
      JSON.stringify({
        name,
        total: model.countParams(),
        transposed: transposed.reduce((sum, layer) => sum + layer.countParams(), 0),
        trained: size(model.trainableWeights),
        rows: rows(model),
        summaries,
        file: saved.modelTopology && {
          format: "layers-model",
          generatedBy: saved.generatedBy,
          modelTopology: saved.modelTopology,
          weightsManifest: [{ paths: ["./model.weights.bin"], weights: saved.weightSpecs }],
        },
      }),
    );
  }
}
main();
