import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPInputStream;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.LowerCaseFilter;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.util.CharTokenizer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.FieldType;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexOptions;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

/**
 * BM25 by Lucene over the same passages and queries, for comparison, without positions. The analysis is
 * like ours (letters and digits, lower case, ASCII folding, Snowball English), or with "analyzed" none:
 * terms stand between spaces.
 *
 * <p>java LuceneBench.java index REQUEST.json: {"index", "passages": [json lines .gz], "titleWeight",
 * "analyzed", "k1", "b"} -> {"version", "indexSeconds", "mergeSeconds", "peakBytes"}
 *
 * <p>java LuceneBench.java search REQUEST.json: {"index", "queries", "warmUp", "topK", "inFlight",
 * "analyzed", "k1", "b"} -> {"seconds", "cpuSeconds", "latenciesMs", "runs": [[id]]}; the first "warmUp"
 * queries are not timed, and every hit's stored text is read.
 *
 * <p>java LuceneBench.java rank REQUEST.json: the same request -> {"threadSeconds"}: the processor time
 * of the thread that ranks the queries, without analysis and without reading anything.
 */
public final class LuceneBench {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIELD = "contents";

  public static void main(String[] args) throws Exception {
    JsonNode request = JSON.readTree(Files.readString(Path.of(args[1])));
    Analyzer analyzer = request.get("analyzed").asBoolean() ? new WhitespaceAnalyzer() : analyzer();
    ObjectNode reply =
        switch (args[0]) {
          case "index" -> index(request, analyzer);
          case "search" -> search(request, analyzer);
          default -> rank(request, analyzer);
        };
    System.out.println(JSON.writeValueAsString(reply));
  }

  private static ObjectNode index(JsonNode request, Analyzer analyzer) throws IOException {
    FieldType type = new FieldType();
    type.setIndexOptions(IndexOptions.DOCS_AND_FREQS);
    type.freeze();
    IndexWriterConfig config = new IndexWriterConfig(analyzer);
    config.setSimilarity(similarity(request));
    config.setRAMBufferSizeMB(256);
    int titleWeight = request.get("titleWeight").asInt();
    long started = System.nanoTime();
    long added;
    try (MMapDirectory directory = new MMapDirectory(Path.of(request.get("index").asText()));
        IndexWriter writer = new IndexWriter(directory, config)) {
      for (String path : strings(request.get("passages"))) {
        try (BufferedReader lines = open(path)) {
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonNode passage = JSON.readTree(line);
            String title = passage.get("title").asText() + "\n";
            String text = passage.get("text").asText();
            Document document = new Document();
            document.add(new StoredField("id", passage.get("id").asText()));
            document.add(new StoredField("stored", title + text));
            document.add(new Field(FIELD, title.repeat(titleWeight) + text, type));
            writer.addDocument(document);
          }
        }
      }
      writer.commit();
      added = System.nanoTime();
      writer.forceMerge(1);
    }
    ObjectNode reply = JSON.createObjectNode();
    reply.put("version", Version.LATEST.toString());
    reply.put("indexSeconds", (added - started) / 1e9);
    reply.put("mergeSeconds", (System.nanoTime() - added) / 1e9);
    reply.put("peakBytes", peakBytes());
    return reply;
  }

  private static ObjectNode search(JsonNode request, Analyzer analyzer) throws Exception {
    List<String> queries = strings(request.get("queries"));
    int topK = request.get("topK").asInt();
    int inFlight = request.get("inFlight").asInt();
    int warmUp = request.get("warmUp").asInt();
    try (MMapDirectory directory = new MMapDirectory(Path.of(request.get("index").asText()));
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setSimilarity(similarity(request));
      searcher.setQueryCache(null);
      for (String query : queries.subList(0, warmUp)) find(searcher, analyzer, query, topK);
      List<String> timed = queries.subList(warmUp, queries.size());
      String[][] runs = new String[timed.size()][];
      double[] latencies = new double[timed.size()];
      AtomicInteger next = new AtomicInteger();
      Callable<Void> worker =
          () -> {
            for (int i = next.getAndIncrement(); i < runs.length; i = next.getAndIncrement()) {
              long started = System.nanoTime();
              runs[i] = find(searcher, analyzer, timed.get(i), topK);
              latencies[i] = (System.nanoTime() - started) / 1e6;
            }
            return null;
          };
      long startedCpu = cpuNanos();
      long started = System.nanoTime();
      try (ExecutorService threads = Executors.newFixedThreadPool(inFlight)) {
        List<Callable<Void>> workers = new ArrayList<>();
        for (int i = 0; i < inFlight; i++) workers.add(worker);
        for (Future<Void> done : threads.invokeAll(workers)) done.get();
      }
      ObjectNode reply = JSON.createObjectNode();
      reply.put("seconds", (System.nanoTime() - started) / 1e9);
      reply.put("cpuSeconds", (cpuNanos() - startedCpu) / 1e9);
      ArrayNode times = reply.putArray("latenciesMs");
      Arrays.stream(latencies).forEach(times::add);
      reply.set("runs", JSON.valueToTree(runs));
      return reply;
    }
  }

  private static ObjectNode rank(JsonNode request, Analyzer analyzer) throws Exception {
    List<Query> queries = new ArrayList<>();
    for (String text : strings(request.get("queries"))) queries.add(query(analyzer, text));
    int topK = request.get("topK").asInt();
    int warmUp = request.get("warmUp").asInt();
    try (MMapDirectory directory = new MMapDirectory(Path.of(request.get("index").asText()));
        DirectoryReader reader = DirectoryReader.open(directory)) {
      IndexSearcher searcher = new IndexSearcher(reader);
      searcher.setSimilarity(similarity(request));
      searcher.setQueryCache(null);
      long hits = 0;
      for (Query query : queries.subList(0, warmUp)) hits += searcher.search(query, topK).scoreDocs.length;
      long started = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      for (Query query : queries.subList(warmUp, queries.size())) {
        hits += searcher.search(query, topK).scoreDocs.length;
      }
      ObjectNode reply = JSON.createObjectNode();
      long ended = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      reply.put("threadSeconds", (ended - started) / 1e9);
      reply.put("hits", hits);
      return reply;
    }
  }

  private static BM25Similarity similarity(JsonNode request) {
    return new BM25Similarity(request.get("k1").floatValue(), request.get("b").floatValue());
  }

  private static String[] find(IndexSearcher searcher, Analyzer analyzer, String text, int topK)
      throws IOException {
    ScoreDoc[] hits = searcher.search(query(analyzer, text), topK).scoreDocs;
    String[] ids = new String[hits.length];
    for (int i = 0; i < hits.length; i++) {
      Document document = searcher.storedFields().document(hits[i].doc);
      if (document.get("stored") == null) throw new IOException("a hit without its text");
      ids[i] = document.get("id");
    }
    return ids;
  }

  private static Query query(Analyzer analyzer, String text) throws IOException {
    BooleanQuery.Builder builder = new BooleanQuery.Builder();
    try (TokenStream tokens = analyzer.tokenStream(FIELD, text)) {
      CharTermAttribute term = tokens.addAttribute(CharTermAttribute.class);
      tokens.reset();
      while (tokens.incrementToken()) {
        builder.add(new TermQuery(new Term(FIELD, term.toString())), BooleanClause.Occur.SHOULD);
      }
      tokens.end();
    }
    return builder.build();
  }

  private static Analyzer analyzer() {
    return new Analyzer() {
      @Override
      protected TokenStreamComponents createComponents(String field) {
        Tokenizer words = CharTokenizer.fromTokenCharPredicate(Character::isLetterOrDigit);
        TokenStream folded = new ASCIIFoldingFilter(new LowerCaseFilter(words));
        return new TokenStreamComponents(words, new SnowballFilter(folded, "English"));
      }
    };
  }

  private static BufferedReader open(String path) throws IOException {
    FileInputStream file = new FileInputStream(path);
    return new BufferedReader(
        new InputStreamReader(new GZIPInputStream(file, 1 << 16), StandardCharsets.UTF_8));
  }

  private static List<String> strings(JsonNode array) {
    List<String> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asText()));
    return values;
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long peakBytes() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
    }
    return 0;
  }
}
