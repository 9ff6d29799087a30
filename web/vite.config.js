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
    modulePreload: false,
    assetsInlineLimit: 0, // the policy of the pages lets no data: URL in
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      input: Object.fromEntries(pages.map((name) => [name, at(`src/${name}.js`)])),
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "shared-[name].js",
        assetFileNames: "[name][extname]",
      },
    },
  },
});
