using System.CommandLine;

var root = new RootCommand("Checks Hillingar against the references: each verb ends with one line of figures.");
return await root.Parse(args).InvokeAsync();
