// What `anchor migrate` runs in a workspace without tsconfig.json. It does nothing but point to what does: a script
// that is run anew each time keeps no record of what a chain has had.
module.exports = async function (provider) {
  throw new Error(
    "nothing was migrated: Flashback's migrations are the manifests beside this file, applied by\n" +
      `  flashback admin migrate --url ${provider.connection.rpcEndpoint} --dry-run\n` +
      "and then without --dry-run. See migrations/README.md."
  );
};
