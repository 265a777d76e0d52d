// Runs receiptio for each job at once: [[name, options], ...] as JSON in, {name: result} out.
const receiptio = require('receiptio');
const jobs = JSON.parse(process.argv[2]);
Promise.all(jobs.map(([, options]) => receiptio.print('Loket 7', options))).then(results => {
    console.log(JSON.stringify(Object.fromEntries(jobs.map(([name], i) => [name, results[i]]))));
});
