// One small module for each page that needs one, named without a hash: the service adds the hash.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const pages = ["site", "workbench", "network", "check"];

export default defineConfig({
  base: "/static/dist/",
  publicDir: false,
  logLevel: "error",
  build: {
    outDir: at("../src/mineralgraph/api/static/dist"),
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"], // these know light-dark(); rewritten, it would lose the scheme
    modulePreload: false,
    assetsInlineLimit: 0, // the policy of the pages lets no data: URL in
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: Object.fromEntries(pages.map((name) => [name, at(`src/${name}.js`)])),
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "shared-[name]-[hash].js",
        assetFileNames: "[name][extname]",
        // What a part that is loaded later shares with its page must not lie in the page's own module:
        // its address has a digest that the part does not know, so it would run a second time.
        codeSplitting: { groups: [
          { name: "texts", test: /src\/texts\.js$/ },
          { name: "rows", test: /src\/workbench\/(?:dom|table|columns)\.js$/ },
        ] },
      },
    },
  },
});
